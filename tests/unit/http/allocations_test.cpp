// Steady state allocates nothing: a request is read, sanitized and written, its response too, with operator
// new counted.
#include <catch2/catch.hpp>

#include "tests/support/counting_new.h"
#include "tests/support/h1_relay.h"

namespace reseal::http::test {
namespace {

constexpr std::string_view kRequest =
    "GET /api/v1/items/12345?sort=asc HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0 (X11; "
    "Linux x86_64)\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, br\r\nCookie: "
    "session=0123456789abcdef\r\n"
    "Connection: keep-alive\r\nSec-Fetch-Mode: navigate\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: "
    "5\r\n"
    "Set-Cookie: a=b\r\n\r\nhello";

TEST_CASE("A request on a warm connection allocates nothing") {
  reseal::test::H1Relay relay(kRequest, kResponse);
  for (int i = 0; i < 3; ++i) relay.run();
  const std::size_t before = reseal::test::allocations();
  REQUIRE(before > 0);  // the counter counts
  for (int i = 0; i < 100; ++i) relay.run();
  const std::size_t after = reseal::test::allocations();
  CHECK(relay.completed == 103);
  CHECK(relay.failed == 0);
  CHECK(after - before == 0);
}

}  // namespace
}  // namespace reseal::http::test
