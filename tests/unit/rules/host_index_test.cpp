#include "lb/rules/host_index.h"

#include <catch2/catch.hpp>
#include <random>

using namespace reseal;
using namespace reseal::rules;

namespace {

constexpr const char* kHosts[] = {"a.example", "A.example",     "b.example", "c.a.example",
                                  "192.0.2.1", "[2001:db8::1]", "[::1]",     "localhost",
                                  "*.example", "*.a.example",   "*"};
constexpr const char* kAsked[] = {"a.example",   "a.EXAMPLE", "b.example",     "c.a.example",
                                  "d.a.example", "192.0.2.1", "[2001:db8::1]", "[2001:DB8::1]",
                                  "[::1]",       "Localhost", "x.example",     "example",
                                  "a.example2",  "",          ".example",      "*"};

using Generator = std::mt19937;

bool one_in(Generator& random, unsigned count) {
  return random() % count == 0;
}

template <std::size_t kSize>
const char* any_of(Generator& random, const char* const (&texts)[kSize]) {
  return texts[random() % kSize];
}

/// Mostly hosts, sometimes several, with other conditions beside them, under `not`, or none.
Rule random_rule(Generator& random) {
  Rule rule;
  if (!one_in(random, 5)) {
    do {
      rule.when.all.hosts.emplace_back(any_of(random, kHosts));
    } while (one_in(random, 3));
  }
  if (one_in(random, 5)) rule.when.none.hosts.emplace_back(any_of(random, kHosts));
  if (one_in(random, 4)) rule.when.all.path_prefixes = {"/a"};
  if (one_in(random, 6)) rule.when.all.methods = {"GET"};
  return rule;
}

std::vector<std::uint32_t> positions(const HostIndex& index, std::string_view host) {
  std::vector<std::uint32_t> all;
  auto walk = index.walk(host);
  for (auto at = walk.next(); at != HostIndex::kEnd; at = walk.next()) all.push_back(at);
  return all;
}

Rule for_hosts(std::vector<std::string> hosts) {
  Rule rule;
  rule.when.all.hosts = std::move(hosts);
  return rule;
}

/// So many rules for other hosts that a table is made.
std::vector<Rule> with_many(std::vector<Rule> rules) {
  for (std::size_t i = 0; i < HostIndex::kFewestHosts; ++i) {
    rules.push_back(for_hosts({"other" + std::to_string(i) + ".example"}));
  }
  return rules;
}

}  // namespace

TEST_CASE("the rules that hold are the same with the index and without, in the same order") {
  Generator random(20261130);  // NOLINT(cert-msc51-cpp): the same lists each time
  BufferPool pool;
  http::RequestHead head(pool);
  std::size_t held = 0;
  std::size_t spared = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Rule> plain(random() % 40);
    for (Rule& rule : plain) rule = random_rule(random);
    std::vector<Rule> indexed = plain;
    const HostIndex index(indexed);
    if (index.is_empty()) continue;
    for (const char* host : kAsked) {
      RequestFacts facts;
      facts.host = host;
      facts.compared_path = one_in(random, 2) ? "/a" : "/b";
      facts.method = one_in(random, 2) ? "GET" : "PUT";
      std::vector<std::uint32_t> wanted;
      for (std::uint32_t at = 0; at < plain.size(); ++at) {
        if (plain[at].when.holds(head, facts)) wanted.push_back(at);
      }
      std::vector<std::uint32_t> found;
      const auto asked = positions(index, host);
      for (const std::uint32_t at : asked) {
        if (indexed[at].when.holds(head, facts)) found.push_back(at);
      }
      CAPTURE(round, host, facts.compared_path, facts.method);
      REQUIRE(found == wanted);
      held += wanted.size();
      spared += plain.size() - asked.size();
    }
  }
  // Neither would a test of lists that never hold say anything, nor one of an index that spares nothing.
  CHECK(held > 10000);
  CHECK(spared > 10000);
}

TEST_CASE("a request is asked about the rules for its host and those for any") {
  auto rules =
      with_many({for_hosts({"a.example", "b.example"}), Rule(), for_hosts({"b.example"}),
                 for_hosts({"*.example"}), for_hosts({"a.example", "*.test"}), for_hosts({"[::1]"})});
  const HostIndex index(rules);
  using Positions = std::vector<std::uint32_t>;
  CHECK(positions(index, "a.example") == Positions{0, 1, 3, 4});
  CHECK(positions(index, "B.Example") == Positions{0, 1, 2, 3, 4});
  CHECK(positions(index, "[::1]") == Positions{1, 3, 4, 5});
  CHECK(positions(index, "c.example") == Positions{1, 3, 4});
  CHECK(positions(index, "") == Positions{1, 3, 4});
}

TEST_CASE("a host that is written twice in a rule has its rule asked once") {
  auto rules = with_many({for_hosts({"a.example", "b.example", "A.example"})});
  CHECK(positions(HostIndex(rules), "a.example") == std::vector<std::uint32_t>{0});
}

TEST_CASE("a list of few hosts is left as it is, however often it asks for them") {
  std::vector<Rule> rules(100, for_hosts({"a.example", "A.example"}));
  CHECK(HostIndex(rules).is_empty());
  CHECK(rules[0].when.all.hosts == std::vector<std::string>{"a.example", "A.example"});
  CHECK(HostIndex().is_empty());
}
