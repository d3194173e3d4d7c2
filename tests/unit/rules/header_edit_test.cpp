#include "lb/rules/header_edit.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::rules;

namespace {

using Kind = HeaderEdit::Kind;

HeaderEdit edit(Kind kind, const char* name, const char* value = "") {
  return {kind, name, TextTemplate::parse(value).value()};
}

/// "name=value;" of what is left of `lines` after the edits.
std::string edited(std::vector<std::pair<const char*, const char*>> lines,
                   const std::vector<HeaderEdit>& edits) {
  BufferPool pool;
  http::RequestHead head(pool);
  for (const auto& [name, value] : lines) head.add(http::field_name(name), name, value);
  RequestFacts facts;
  facts.client_address = "192.0.2.1";
  apply(edits, facts, head);
  std::string text;
  for (const http::Field& field : head.fields) {
    if (!field.drop) text += std::string(field.name) + "=" + std::string(field.value) + ";";
  }
  return text;
}

}  // namespace

TEST_CASE("fields are set, added and removed, whatever their spelling") {
  const std::vector<HeaderEdit> set{edit(Kind::kSet, "X-User", "a")};
  CHECK(edited({}, set) == "X-User=a;");
  CHECK(edited({{"x-user", "1"}, {"X_User", "2"}, {"X-Users", "3"}, {"X-USER", "4"}, {"X~User", "5"}}, set) ==
        "X-Users=3;X-User=a;");
  CHECK(edited({{"Link", "1"}}, {edit(Kind::kAdd, "Link", "2"), edit(Kind::kAdd, "Link", "3")}) ==
        "Link=1;Link=2;Link=3;");
  CHECK(edited({{"Server", "1"}, {"SERVER", "2"}, {"A", "3"}}, {edit(Kind::kRemove, "Server")}) == "A=3;");
  CHECK(edited({}, {edit(Kind::kAdd, "A", "1"), edit(Kind::kRemove, "a"), edit(Kind::kAdd, "A", "2")}) ==
        "A=2;");
}

TEST_CASE("values have variables, and one that comes to nothing adds no field") {
  CHECK(edited({}, {edit(Kind::kSet, "X-Client", "<{client_address}>")}) == "X-Client=<192.0.2.1>;");
  CHECK(edited({{"X-Id", "sent"}}, {edit(Kind::kSet, "X-Id", "{request_id}")}).empty());
}

TEST_CASE("fields that frame or route a message are not for rules") {
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "TRAILER", "Connection",
                           "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "HTTP2-Settings", "Expect"}) {
    INFO(name);
    CHECK_FALSE(why_not_editable(name).empty());
  }
  for (const char* name : {"X-User", "Authorization", "Cookie", "Set-Cookie", "Server", "Forwarded"}) {
    INFO(name);
    CHECK(why_not_editable(name).empty());
  }
}
