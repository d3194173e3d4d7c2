#include "lb/http/message.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

constexpr std::string_view kNames[] = {
    "accept",
    "accept-encoding",
    "accept-language",
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "last-modified",
    "location",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "server",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
};

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  return out;
}

TEST_CASE("Every known field name is known in every case, and nothing near it is") {
  REQUIRE(std::size(kNames) + 1 == static_cast<std::size_t>(FieldName::kCount_));
  std::set<FieldName> seen;
  for (const std::string_view name : kNames) {
    INFO(name);
    const FieldName id = field_name(name);
    CHECK(id != FieldName::kOther);
    CHECK(seen.insert(id).second);
    CHECK(field_name(upper(name)) == id);
    std::string capital(name);
    capital[0] = upper(name.substr(0, 1))[0];
    CHECK(field_name(capital) == id);
    CHECK(field_name(std::string(name) + "x") == FieldName::kOther);
    CHECK(field_name(std::string(name) + '\0') == FieldName::kOther);
    CHECK(field_name("x" + std::string(name)) == FieldName::kOther);
    CHECK(field_name(name.substr(1)) == FieldName::kOther);
    // Any one bit flipped makes another name, unless it is the one that tells a letter's case.
    for (std::size_t i = 0; i < name.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string other(name);
        other[i] = static_cast<char>(other[i] ^ (1 << bit));
        const bool same = bit == 5 && std::isalpha(static_cast<unsigned char>(name[i])) != 0;
        CHECK((field_name(other) == id) == same);
      }
    }
  }
  CHECK(field_name("") == FieldName::kOther);
  CHECK(field_name("x") == FieldName::kOther);
  CHECK(field_name(std::string(1000, 'a')) == FieldName::kOther);
}

TEST_CASE("Fields are found, added and dropped") {
  BufferPool pool;
  RequestHead head(pool);
  head.add(FieldName::kVia, "Via", "1");
  head.add(FieldName::kOther, "A", "2");
  head.add(FieldName::kVia, "via", "3");
  REQUIRE(head.find(FieldName::kVia) != nullptr);
  CHECK(head.find(FieldName::kVia)->value == "1");
  head.fields[0].drop = true;
  REQUIRE(head.find(FieldName::kVia) != nullptr);
  CHECK(head.find(FieldName::kVia)->value == "3");
  head.drop(FieldName::kVia);
  CHECK(head.find(FieldName::kVia) == nullptr);
  CHECK(fields_text(head.fields) == "A=2;");
}

TEST_CASE("A head that is reset is as new, and its memory is back in the pool") {
  BufferPool pool;
  RequestHead head(pool);
  const std::string text = "POST /a HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
  REQUIRE(parse_request_head(head.arena.copy(text), {}, head));
  CHECK(pool.in_use() == 1);
  head.reset();
  CHECK(pool.in_use() == 0);
  CHECK(head.fields.empty());
  CHECK(head.version == Version::kHttp11);
  CHECK(head.method == Method::kGet);
  CHECK(head.target.empty());
  CHECK(head.authority.empty());
  CHECK(framing_text(head.framing) == "none");
  CHECK(head.keep_alive);
}

TEST_CASE("The path of a target ends before its query") {
  BufferPool pool;
  RequestHead head(pool);
  for (const auto& [target, path] :
       {std::pair("/a?b?c", "/a"), std::pair("/a", "/a"), std::pair("/?", "/"), std::pair("*", "*")}) {
    head.target = target;
    CHECK(head.path() == path);
  }
}

TEST_CASE("Methods that may be repeated are the ones of RFC 9110") {
  for (const Method method :
       {Method::kGet, Method::kHead, Method::kPut, Method::kDelete, Method::kOptions, Method::kTrace}) {
    CHECK(is_idempotent(method));
  }
  for (const Method method : {Method::kPost, Method::kPatch, Method::kConnect, Method::kOther}) {
    CHECK_FALSE(is_idempotent(method));
  }
}

TEST_CASE("Reason phrases are there for what reseal answers, empty for the unknown") {
  for (const int status : {308, 400, 404, 405, 408, 414, 417, 421, 431, 500, 501, 502, 503, 504, 505}) {
    CHECK_FALSE(reason_phrase(status).empty());
  }
  CHECK(reason_phrase(299).empty());
}

}  // namespace
}  // namespace reseal::http::test
