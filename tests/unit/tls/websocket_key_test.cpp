#include "tls/websocket_key.h"

#include <catch2/catch.hpp>

using namespace reseal::tls;

TEST_CASE("a WebSocket key is answered as RFC 6455 says") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(websocket_accept("x3JJHMbDL1EzLkh9GBhXDw==") == "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
  CHECK(websocket_accept(std::string(84, 'a')) == "ulKRXZrQnbZPxNi6BcFGPe3Py5Q=");
}

TEST_CASE("keys are base64 of 16 bytes, and no two alike") {
  const std::string key = new_websocket_key();
  CHECK(key.size() == 24);
  CHECK(key.ends_with("=="));
  CHECK(key != new_websocket_key());
}
