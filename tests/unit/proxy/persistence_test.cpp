#include "lb/proxy/persistence.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/http_test_support.h"

using namespace reseal;
using namespace reseal::proxy;
using namespace std::chrono_literals;
using backends::CookiePersistence;
using backends::CookieSecure;
using backends::PersistencePolicy;
using backends::StickPersistence;
using backends::StickTable;

namespace {

const std::vector<std::string> kServers = {"web1", "web2"};
const TimePoint kNow{std::chrono::hours(1)};
constexpr ClientFacts kClient{"10.0.0.1", true, false};

PersistencePolicy cookies() {
  return CookiePersistence({"SRV", "; Path=/", CookieSecure::kAuto}, tls::KeyedHash("secret"), "web",
                           kServers);
}

std::string value_of(const PersistencePolicy& policy, std::uint32_t server) {
  const std::string_view text = std::get<CookiePersistence>(policy).set_cookie(server, false);
  return std::string(text.substr(4, text.find(';') - 4));
}

struct Seen {
  std::optional<std::uint32_t> preferred;
  std::string request, response;  // fields as they cross
};

/// A request with these fields, served by `server` with these.
Seen exchange(const PersistencePolicy* policy, const std::string& request_fields, std::uint32_t server,
              const std::string& response_fields = "", const ClientFacts& client = kClient) {
  http::test::ParsedRequest request("GET / HTTP/1.1\r\nHost: h\r\n" + request_fields + "\r\n");
  REQUIRE(request.result);
  request.head.drop(http::FieldName::kHost);
  http::test::ParsedResponse response("HTTP/1.1 200 OK\r\n" + response_fields + "\r\n");
  REQUIRE(response.result);
  Persistence persistence;
  persistence.begin(policy, client, request.head, kNow);
  Seen seen{persistence.preferred(), http::test::fields_text(request.head.fields), ""};
  persistence.chosen(server);
  persistence.answered(response.head, kNow);
  seen.response = http::test::fields_text(response.head.fields);
  return seen;
}

}  // namespace

TEST_CASE("without persistence nothing is looked at or changed") {
  const Seen seen = exchange(nullptr, "Cookie: SRV=1\r\n", 0);
  CHECK_FALSE(seen.preferred);
  CHECK(seen.request == "Cookie=SRV=1;");
  CHECK(seen.response.empty());
}

TEST_CASE("a new client gets the cookie of the server that answers, and no shared cache keeps it") {
  const PersistencePolicy policy = cookies();
  const std::string set = "Set-Cookie=SRV=" + value_of(policy, 1) + "; Path=/; Secure;";
  Seen seen = exchange(&policy, "Cookie: a=1\r\n", 1, "Cache-Control: max-age=60\r\n");
  CHECK_FALSE(seen.preferred);
  CHECK(seen.request == "Cookie=a=1;");
  CHECK(seen.response == "Cache-Control=max-age=60;" + set + "Cache-Control=private;");
  for (const char* kept : {"Private", "public, NO-STORE"}) {
    seen = exchange(&policy, "", 1, "Cache-Control: " + std::string(kept) + "\r\n");
    CHECK(seen.response == "Cache-Control=" + std::string(kept) + ";" + set);
  }
  // private="field" is about that field only.
  seen = exchange(&policy, "", 1, "Cache-Control: private=\"x\"\r\n");
  CHECK(seen.response.ends_with("Cache-Control=private;"));
  seen = exchange(&policy, "", 1, "", {"10.0.0.1", false, false});
  CHECK(seen.response == "Set-Cookie=SRV=" + value_of(policy, 1) + "; Path=/;Cache-Control=private;");
}

TEST_CASE("a client that has the right cookie keeps it, and the server does not see it") {
  const PersistencePolicy policy = cookies();
  const std::string mine = "SRV=" + value_of(policy, 1);
  struct Case {
    std::string cookies, left;
  };
  for (const Case& c : {Case{"Cookie: " + mine + "\r\n", ""},
                        {"Cookie: a=1; " + mine + "; b=2\r\n", "Cookie=a=1; b=2;"},
                        {"Cookie: a=1\r\nX: y\r\ncookie: " + mine + "\r\n", "Cookie=a=1;X=y;"},
                        {"Cookie: SRV=forged; " + mine + "\r\n", ""}}) {
    INFO(c.cookies);
    const Seen seen = exchange(&policy, c.cookies, 1);
    CHECK(seen.preferred == 1U);
    CHECK(seen.request == c.left);
    CHECK(seen.response.empty());
  }
}

TEST_CASE("a client served by another server than its cookie says gets a new one") {
  const PersistencePolicy policy = cookies();
  const Seen seen = exchange(&policy, "Cookie: SRV=" + value_of(policy, 1) + "\r\n", 0);
  CHECK(seen.preferred == 1U);
  CHECK(seen.response.starts_with("Set-Cookie=SRV=" + value_of(policy, 0)));
}

TEST_CASE("made-up cookies lead nowhere and do not reach the server") {
  const PersistencePolicy policy = cookies();
  const PersistencePolicy foreign =
      CookiePersistence({"SRV", "", CookieSecure::kAuto}, tls::KeyedHash("another"), "web", kServers);
  for (const std::string& value :
       {std::string("web1"), std::string(), value_of(foreign, 0), std::string(5000, 'a')}) {
    const Seen seen = exchange(&policy, "Cookie: SRV=" + value + "\r\n", 0);
    CHECK_FALSE(seen.preferred);
    CHECK(seen.request.empty());
    CHECK(seen.response.starts_with("Set-Cookie=SRV=" + value_of(policy, 0)));
  }
}

TEST_CASE("a cookie of that name set by the server does not take the place of ours") {
  const PersistencePolicy policy = cookies();
  const std::string fields = "Set-Cookie: SRV=theirs; Path=/\r\nSet-Cookie: SRVX=1\r\n";
  CHECK(exchange(&policy, "Cookie: SRV=" + value_of(policy, 0) + "\r\n", 0, fields).response ==
        "Set-Cookie=SRVX=1;");
}

TEST_CASE("a table knows the client by its address") {
  const PersistencePolicy policy = StickPersistence("", std::make_shared<StickTable>(100, 1h, 1), kServers);
  CHECK_FALSE(exchange(&policy, "", 1).preferred);
  const Seen seen = exchange(&policy, "Cookie: SRV=1\r\n", 0);
  CHECK(seen.preferred == 1U);
  CHECK(seen.request == "Cookie=SRV=1;");
  CHECK(seen.response.empty());
  CHECK(exchange(&policy, "", 0).preferred == 0U);  // the last server that answered
  CHECK_FALSE(exchange(&policy, "", 1, "", {"10.0.0.2", true, false}).preferred);
}

TEST_CASE("a table knows the client by a field, and one without it not at all") {
  const PersistencePolicy policy =
      StickPersistence("x-user", std::make_shared<StickTable>(100, 1h, 1), kServers);
  CHECK_FALSE(exchange(&policy, "X-User: ann\r\n", 1).preferred);
  CHECK(exchange(&policy, "x-USER: ann\r\n", 1, "", {"10.0.0.9", true, false}).preferred == 1U);
  CHECK_FALSE(exchange(&policy, "X-User: bob\r\n", 0).preferred);
  CHECK_FALSE(exchange(&policy, "", 1).preferred);
  CHECK_FALSE(exchange(&policy, "", 0).preferred);
}
