#include "lb/proxy/request_id.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::proxy;

namespace {

using Accept = RequestIdSettings::Accept;
using Lines = std::vector<std::pair<const char*, const char*>>;

RequestIdSettings settings(Accept accept) {
  return {"X-Request-Id", "x-request-id", accept, true};
}

/// The id that a request with these fields is given; every line that is left under a name like it has it.
std::string assigned(const Lines& lines, Accept accept, bool trusted) {
  BufferPool pool;
  http::RequestHead head(pool);
  for (const auto& [name, value] : lines) head.add(http::field_name(name), name, value);
  RequestIds ids(0x0123456789abcdefU);
  const RequestIdSettings wanted = settings(accept);
  assign_request_id(wanted, trusted, ids, head);
  int left = 0;
  for (const http::Field& field : head.fields) {
    if (field.drop) continue;
    CHECK(field.name == "X-Request-Id");
    CHECK(field.value == head.request_id);
    ++left;
  }
  CHECK(left == 1);
  return std::string(head.request_id);
}

constexpr const char* kFirst = "0123456789abcdef0000000000000001";

}  // namespace

TEST_CASE("an id is 32 digits and unlike the one before") {
  BufferPool pool;
  Arena arena(pool);
  RequestIds ids(0x0123456789abcdefU);
  CHECK(ids.next(arena) == kFirst);
  CHECK(ids.next(arena) == "0123456789abcdef0000000000000002");
}

TEST_CASE("a client's own id is kept only from whom it may come") {
  const Lines sent{{"x-request-id", "abc-1"}};
  CHECK(assigned({}, Accept::kAny, true) == kFirst);
  CHECK(assigned(sent, Accept::kNone, true) == kFirst);
  CHECK(assigned(sent, Accept::kTrusted, false) == kFirst);
  CHECK(assigned(sent, Accept::kTrusted, true) == "abc-1");
  CHECK(assigned(sent, Accept::kAny, false) == "abc-1");
}

TEST_CASE("an id that is doubled, empty, long or odd is replaced, and every spelling of it dropped") {
  CHECK(assigned({{"X-Request-Id", "a"}, {"X_Request_ID", "b"}}, Accept::kAny, true) == kFirst);
  CHECK(assigned({{"X.Request.Id", "a"}, {"X~Request~ID", "b"}}, Accept::kNone, true) == kFirst);
  CHECK(assigned({{"X-Request-Id", ""}}, Accept::kAny, true) == kFirst);
  CHECK(assigned({{"X-Request-Id", "a b"}}, Accept::kAny, true) == kFirst);
  CHECK(assigned({{"X-Request-Id", "a\"b"}}, Accept::kAny, true) == kFirst);
  const std::string longest(128, 'a');
  CHECK(assigned({{"X-Request-Id", longest.c_str()}}, Accept::kAny, true) == longest);
  const std::string too_long(129, 'a');
  CHECK(assigned({{"X-Request-Id", too_long.c_str()}}, Accept::kAny, true) == kFirst);
}

TEST_CASE("without a field there is no id, and nothing is dropped") {
  BufferPool pool;
  http::RequestHead head(pool);
  head.add(http::FieldName::kOther, "X-Request-Id", "a");
  RequestIds ids(1);
  assign_request_id({}, true, ids, head);
  CHECK(head.request_id.empty());
  CHECK_FALSE(head.fields.front().drop);
}

TEST_CASE("a response carries the id once, if it is to") {
  BufferPool pool;
  http::ResponseHead head(pool);
  head.add(http::FieldName::kOther, "x-request-id", "the server's");
  RequestIdSettings wanted = settings(Accept::kNone);
  return_request_id(wanted, "abc", head);
  REQUIRE(head.fields.size() == 2);
  CHECK(head.fields[0].drop);
  CHECK(head.fields[1].value == "abc");
  wanted.respond = false;
  return_request_id(wanted, "def", head);
  CHECK(head.fields.size() == 2);
}
