#include "lb/http/websocket_key.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

TEST_CASE("A WebSocket key is answered as RFC 6455 says") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(websocket_accept("x3JJHMbDL1EzLkh9GBhXDw==") == "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
  // Any length, around the edges of SHA-1's blocks: with the fixed text 55, 56, 64 and 120 bytes.
  CHECK(websocket_accept(std::string(19, 'a')) == "yzaGyu0mcUukN7CdsSwa30tnCpc=");
  CHECK(websocket_accept(std::string(20, 'a')) == "dUYRM7bOMwDmbriNIPr11x+r3E0=");
  CHECK(websocket_accept(std::string(28, 'a')) == "xMWmCBqYJY4uXzUs8PNU1t+Pzro=");
  CHECK(websocket_accept(std::string(84, 'a')) == "ulKRXZrQnbZPxNi6BcFGPe3Py5Q=");
}

TEST_CASE("A request for a WebSocket gets a key of its own, others get none") {
  BufferPool pool;
  RequestHead head(pool);
  add_websocket_key(head);
  CHECK(head.fields.empty());
  head.upgrade = "websocket";
  head.add(FieldName::kOther, "Sec-WebSocket-Key", "the client's");
  add_websocket_key(head);
  REQUIRE(head.fields.size() == 2);
  CHECK(head.fields[0].drop);
  CHECK(head.fields[1].value.size() == 24);
  CHECK(head.fields[1].value.ends_with("=="));
}

}  // namespace
}  // namespace reseal::http::test
