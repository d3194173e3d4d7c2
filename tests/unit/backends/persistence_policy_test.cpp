#include "backends/persistence_policy.h"

#include <catch2/catch.hpp>
#include <set>

#include "backends/backend.h"
#include "tests/unit/backends/backend_bench.h"

using namespace reseal;
using namespace reseal::backends;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> kServers = {"web1", "web2", "web3"};
const CookiePersistence::Settings kForm{"SRV", "; Path=/; HttpOnly; SameSite=Lax", CookieSecure::kAuto};

std::string value_of(const CookiePersistence& cookies, std::uint32_t server) {
  const std::string_view text = cookies.set_cookie(server, false);
  return std::string(text.substr(4, text.find(';') - 4));
}

}  // namespace

TEST_CASE("a cookie's value stands for a server of its backend and tells nothing") {
  const tls::KeyedHash hash("a secret of more than enough bytes");
  const CookiePersistence cookies(kForm, hash, "web", kServers);
  std::set<std::string> values;
  for (std::uint32_t i = 0; i < kServers.size(); ++i) {
    const std::string value = value_of(cookies, i);
    CHECK(value.size() == 16);
    CHECK(value.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(cookies.server_of(value) == i);
    values.insert(value);
  }
  CHECK(values.size() == 3);
  for (const std::string& forged :
       {std::string(), std::string("web1"), std::string("0"), std::string("0000000000000000"),
        value_of(cookies, 0) + "0", value_of(cookies, 0).substr(1), "\"" + value_of(cookies, 0) + "\"",
        std::string(100000, 'a')}) {
    CHECK_FALSE(cookies.server_of(forged));
  }
}

TEST_CASE("the same secret makes the same cookies wherever the server stands, another one others") {
  const tls::KeyedHash hash("secret one");
  const CookiePersistence before(kForm, hash, "web", kServers);
  const CookiePersistence after(kForm, tls::KeyedHash("secret one"), "web",
                                std::vector<std::string>{"web3", "web4", "web1"});
  CHECK(after.server_of(value_of(before, 0)) == 2U);
  CHECK(after.server_of(value_of(before, 2)) == 0U);
  CHECK_FALSE(after.server_of(value_of(before, 1)));  // web2 is not there any more
  const CookiePersistence other_secret(kForm, tls::KeyedHash("secret two"), "web", kServers);
  const CookiePersistence other_backend(kForm, hash, "api", kServers);
  CHECK_FALSE(other_secret.server_of(value_of(before, 0)));
  CHECK_FALSE(other_backend.server_of(value_of(before, 0)));
}

TEST_CASE("Secure follows the settings and the client's connection") {
  struct Case {
    CookieSecure secure;
    bool over_tls, wanted;
  };
  for (const Case& c : {Case{CookieSecure::kAuto, true, true},
                        {CookieSecure::kAuto, false, false},
                        {CookieSecure::kAlways, false, true},
                        {CookieSecure::kNever, true, false}}) {
    auto form = kForm;
    form.secure = c.secure;
    const CookiePersistence cookies(form, tls::KeyedHash("secret"), "web", kServers);
    const std::string text(cookies.set_cookie(1, c.over_tls));
    CHECK(text.starts_with("SRV="));
    CHECK(text.ends_with(c.wanted ? "; Path=/; HttpOnly; SameSite=Lax; Secure"
                                  : "; Path=/; HttpOnly; SameSite=Lax"));
  }
}

TEST_CASE("a table's numbers lead back to servers, however they are ordered after a reload") {
  const auto table = std::make_shared<StickTable>(100, 1h, 1);
  const StickPersistence before("", table, kServers);
  const StickPersistence after("", table, std::vector<std::string>{"web3", "web1"});
  CHECK(after.server_of(before.number_of(0)) == 1U);
  CHECK(after.server_of(before.number_of(2)) == 0U);
  CHECK_FALSE(after.server_of(before.number_of(1)));
}

namespace {

/// A backend of servers with these weights; no connection is opened.
struct Chooser {
  explicit Chooser(const std::vector<std::uint32_t>& weights) {
    backend->counters = std::make_shared<stats::CounterSet>(1);
    backend->state = std::make_shared<BackendState>();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      auto server = std::make_shared<Server>();
      const auto port = static_cast<std::uint16_t>(8000 + i);
      server->state = std::make_shared<ServerState>("web", "web" + std::to_string(i),
                                                    *net::Address::parse("127.0.0.1", port), 1);
      server->backend_counters = backend->counters;
      server->weight = weights[i];
      backend->servers.push_back(server);
    }
    local = std::make_unique<LocalBackend>(backend, services, random, nullptr);
  }
  void set_down(std::size_t server) { backend->servers[server]->state->health = Health::kDown; }

  net::Loop loop;
  Log log{Log::Level::kOff};
  test::NoReports reports;
  test::NothingEnds nothing_ends;
  EndingStreams ending{loop, nothing_ends};
  PoolServices services{loop, log, reports, ending, 0};
  Random random{1};
  std::shared_ptr<Backend> backend = std::make_shared<Backend>();
  std::unique_ptr<LocalBackend> local;
  TriedServers tried;
};

}  // namespace

TEST_CASE("the preferred server is chosen while it is up and not tried, draining or not") {
  Chooser chooser({100, 0, 100});
  for (int i = 0; i < 20; ++i) {
    CHECK(chooser.local->choose(0, chooser.tried, 2) == 2U);
    CHECK(chooser.local->choose(0, chooser.tried, 1) == 1U);  // weight 0: keeps its clients
    CHECK(chooser.local->choose(0, chooser.tried) != 1U);     // and gets no new ones
  }
  chooser.tried.add(2);
  CHECK(chooser.local->choose(0, chooser.tried, 2) == 0U);
  chooser.tried.clear();
  chooser.set_down(2);
  CHECK(chooser.local->choose(0, chooser.tried, 2) == 0U);
  chooser.set_down(1);
  CHECK(chooser.local->choose(0, chooser.tried, 1) == 0U);
}
