#include "lb/proxy/server_cookie.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/http_test_support.h"

using namespace reseal;
using namespace reseal::proxy;
using namespace std::chrono_literals;
using Policy = backends::ServerCookiePersistence;

namespace {

std::shared_ptr<backends::ServerState> state(bool is_up = true) {
  auto made = std::make_shared<backends::ServerState>("app", "s", *net::Address::parse("10.0.0.1", 80), 1);
  if (!is_up) made->health = backends::Health::kDown;
  return made;
}

const ServerCookie::WallSeconds kNow{1'700'000'000s};

struct Seen {
  std::optional<std::uint32_t> server;
  std::string request, response, letters;
};

/// Servers 0 and 1 are called a and b, 2 has no value, 3 is called d and is down.
Seen exchange(const std::string& request_fields, std::uint32_t server,
              const std::string& response_fields = "", const ServerOrders& orders = {},
              Policy::Mode mode = Policy::Mode::kInsert) {
  const Policy policy({.name = "S", .mode = mode, .indirect = mode == Policy::Mode::kInsert},
                      {{"a", state()}, {"b", state()}, {"", state()}, {"d", state(false)}});
  http::test::ParsedRequest request("GET / HTTP/1.1\r\nHost: h\r\n" + request_fields + "\r\n");
  REQUIRE(request.result);
  request.head.drop(http::FieldName::kHost);
  http::test::ParsedResponse response("HTTP/1.1 200 OK\r\n" + response_fields + "\r\n");
  REQUIRE(response.result);
  ServerCookie cookie;
  cookie.begin(orders);
  cookie.look_at_request(policy, request.head, kNow);
  Seen seen{cookie.server(), http::test::fields_text(request.head.fields), "", ""};
  cookie.look_at_response(policy, server, response.head, kNow);
  seen.response = http::test::fields_text(response.head.fields);
  seen.letters = cookie.log_letters(policy);
  return seen;
}

}  // namespace

TEST_CASE("a cookie names a server, is hidden from it and set where it is another") {
  Seen seen = exchange("Cookie: x=1; S=b\r\n", 1);
  CHECK(
      (seen.server == 1U && seen.request == "Cookie=x=1;" && seen.response.empty() && seen.letters == "VN"));
  seen = exchange("Cookie: S=b\r\n", 0);
  CHECK((seen.response == "Set-Cookie=S=a; path=/;" && seen.letters == "DI"));
  seen = exchange("Cookie: S=d\r\n", 0);
  CHECK((!seen.server && seen.response == "Set-Cookie=S=a; path=/;" && seen.letters == "DI"));
  seen = exchange("", 2);
  CHECK(seen.response == "Set-Cookie=S=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/;");
  CHECK(exchange("", 0, "", {}, Policy::Mode::kPassive).letters == "--");
}

TEST_CASE("a server that is down is asked by order only") {
  const Seen seen = exchange("Cookie: S=d\r\n", 3, "", {.asks_down = true});
  CHECK((seen.server == 3U && seen.response.empty() && seen.letters == "DN"));
}

TEST_CASE("what a rule assigns or ignores leaves the cookie unused") {
  Seen seen = exchange("Cookie: S=b\r\n", 0, "", {.assigned = 0});
  CHECK((!seen.server && seen.request.empty() && seen.response.empty() && seen.letters == "UN"));
  seen = exchange("Cookie: S=b\r\n", 0, "Set-Cookie: S=own\r\n", {.ignored = true});
  CHECK((!seen.server && seen.response == "Set-Cookie=S=own;" && seen.letters == "UN"));
}

TEST_CASE("a prefix is put before what the server sets, and taken off what the client sends") {
  const Seen seen =
      exchange("Cookie: S=b~own~x; T=1\r\n", 1, "Set-Cookie: S=new; HttpOnly\r\n", {}, Policy::Mode::kPrefix);
  CHECK(seen.server == 1U);
  CHECK(seen.request == "Cookie=S=own~x; T=1;");
  CHECK(seen.response == "Set-Cookie=S=b~new; HttpOnly;");
  CHECK(seen.letters == "VR");
}
