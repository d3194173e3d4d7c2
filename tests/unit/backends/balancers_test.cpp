#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <vector>

#include "backends/balancer_consistent_hash.h"
#include "backends/balancer_haproxy.h"
#include "backends/balancer_least_connections.h"
#include "backends/balancer_random.h"
#include "backends/balancer_round_robin.h"
#include "backends/haproxy_hash.h"
#include "backends/hash.h"
#include "backends/xxh64.h"

using namespace reseal;
using namespace reseal::backends;

namespace {

std::vector<Candidate> servers(const std::vector<std::uint32_t>& weights) {
  std::vector<Candidate> all;
  for (std::uint32_t i = 0; i < weights.size(); ++i)
    all.push_back({i, weights[i], 0, hash_bytes("web" + std::to_string(i))});
  return all;
}

/// Each server's share is within `tolerance` (of all picks) of its weight's share.
void check_shares(const std::map<std::uint32_t, int>& picks, const std::vector<Candidate>& all, int count,
                  double tolerance) {
  double total = 0;
  for (const auto& c : all) total += c.weight;
  for (const auto& c : all) {
    const double expected = c.weight / total;
    const double got = (picks.contains(c.server) ? picks.at(c.server) : 0) / static_cast<double>(count);
    INFO("server " << c.server << " expected " << expected << " got " << got);
    CHECK(std::abs(got - expected) <= tolerance);
  }
}

}  // namespace

TEST_CASE("smooth round robin is exact over each round of weights, wherever it starts") {
  for (const auto& weights :
       std::vector<std::vector<std::uint32_t>>{{1}, {1, 1, 1}, {5, 1, 1}, {100, 50, 25, 25}, {1000, 1}}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      Random random(seed);
      const auto all = servers(weights);
      SmoothRoundRobin balancer(all.size(), random);
      int round = 0;
      for (const auto w : weights) round += static_cast<int>(w);
      for (int repeat = 0; repeat < 3; ++repeat) {
        std::map<std::uint32_t, int> picks;
        for (int i = 0; i < round; ++i) ++picks[all[balancer.pick(all)].server];
        for (const auto& c : all) CHECK(picks[c.server] == static_cast<int>(c.weight));
      }
    }
  }
}

TEST_CASE("smooth round robin spreads a heavy server's turns instead of bunching them") {
  Random random(1);
  const auto all = servers({5, 1, 1});
  SmoothRoundRobin balancer(3, random);
  int run = 0;
  int longest = 0;
  for (int i = 0; i < 700; ++i) {
    run = balancer.pick(all) == 0 ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  CHECK(longest <= 4);  // a bunch would be 5, or 10 over the seam of two rounds
}

TEST_CASE("smooth round robin copes with servers that come and go") {
  Random random(1);
  const auto all = servers({1, 1, 1});
  SmoothRoundRobin balancer(3, random);
  const std::vector<Candidate> two = {all[0], all[2]};
  for (int i = 0; i < 100; ++i) {
    CHECK(balancer.pick(two) < 2);
  }
  std::map<std::uint32_t, int> picks;
  for (int i = 0; i < 30; ++i) ++picks[all[balancer.pick(all)].server];
  for (const auto& [server, count] : picks) CHECK(count == 10);
}

TEST_CASE("least connections never picks a server that is busier for its weight") {
  Random random(7);
  for (int round = 0; round < 2000; ++round) {
    auto all = servers({1, 2, 3, 100, 1000});
    for (auto& c : all) c.in_flight = static_cast<std::uint32_t>(random.below(20));
    const auto& chosen = all[pick_least_connections(all, random)];
    for (const auto& c : all) CHECK_FALSE(less_loaded(c, chosen));
  }
}

TEST_CASE("least connections shares idle servers by weight") {
  Random random(7);
  const auto all = servers({1, 2, 5});
  std::map<std::uint32_t, int> picks;
  constexpr int kPicks = 40000;
  for (int i = 0; i < kPicks; ++i) ++picks[all[pick_least_connections(all, random)].server];
  check_shares(picks, all, kPicks, 0.01);
}

TEST_CASE("random of two follows the weights when all are equally busy") {
  Random random(3);
  const auto all = servers({1, 1, 1, 1});
  std::map<std::uint32_t, int> picks;
  constexpr int kPicks = 40000;
  for (int i = 0; i < kPicks; ++i) ++picks[all[pick_random(all, 2, random)].server];
  check_shares(picks, all, kPicks, 0.01);
}

TEST_CASE("random of two never picks the busiest of all") {
  Random random(3);
  auto all = servers({1, 1, 1});
  all[1].in_flight = 10;
  for (int i = 0; i < 2000; ++i) CHECK(pick_random(all, 2, random) != 1);
  const auto one = servers({7});
  CHECK(pick_random(one, 2, random) == 0);
}

TEST_CASE("consistent hashing follows the weights") {
  const auto all = servers({100, 200, 700});
  std::map<std::uint32_t, int> picks;
  constexpr int kPicks = 40000;
  for (int i = 0; i < kPicks; ++i)
    ++picks[all[pick_consistent_hash(all, hash_bytes("key" + std::to_string(i)))].server];
  check_shares(picks, all, kPicks, 0.01);
}

TEST_CASE("consistent hashing moves only the keys of a server that goes, and gives them back") {
  const auto all = servers({100, 100, 100, 100});
  const std::vector<Candidate> without = {all[0], all[1], all[3]};
  const std::vector<Candidate> reordered = {all[3], all[1], all[2], all[0]};
  int moved = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto key = hash_bytes("key" + std::to_string(i));
    const auto before = all[pick_consistent_hash(all, key)].server;
    const auto after = without[pick_consistent_hash(without, key)].server;
    CHECK(reordered[pick_consistent_hash(reordered, key)].server == before);
    if (before == 2) {
      ++moved;
    } else {
      CHECK(after == before);
    }
  }
  CHECK(moved > 2200);
  CHECK(moved < 2800);
}

TEST_CASE("consistent hashing takes keys for a heavier server only from others to it") {
  auto all = servers({100, 100, 100});
  auto heavier = all;
  heavier[1].weight = 200;
  for (int i = 0; i < 5000; ++i) {
    const auto key = hash_bytes("key" + std::to_string(i));
    const auto before = pick_consistent_hash(all, key);
    const auto after = pick_consistent_hash(heavier, key);
    CHECK((after == before || after == 1));
  }
}

TEST_CASE("with one server every algorithm picks it, whatever its weight and load") {
  Random random(11);
  for (std::uint32_t weight = 1; weight <= 1000; ++weight) {
    const std::vector<Candidate> one = {{0, weight, weight % 7, hash_bytes("only")}};
    SmoothRoundRobin round_robin(1, random);
    CHECK(round_robin.pick(one) == 0);
    CHECK(round_robin.pick(one) == 0);
    CHECK(pick_least_connections(one, random) == 0);
    CHECK(pick_random(one, 2, random) == 0);
    CHECK(pick_consistent_hash(one, random.next()) == 0);
  }
}

TEST_CASE("smooth round robin never strays from the fair share by as much as there are servers") {
  Random random(5);
  const auto all = servers({1000, 100, 50, 25, 25, 1});
  double total = 0;
  for (const auto& c : all) total += c.weight;
  SmoothRoundRobin balancer(all.size(), random);
  std::map<std::uint32_t, int> picks;
  double furthest = 0;
  for (int i = 1; i <= static_cast<int>(total); ++i) {
    ++picks[all[balancer.pick(all)].server];
    for (const auto& c : all) furthest = std::max(furthest, std::abs(picks[c.server] - i * c.weight / total));
  }
  CHECK(furthest < static_cast<double>(all.size() - 1));
}

TEST_CASE("workers do not start their rounds at the same server") {
  const auto all = servers({100, 100, 100});
  std::map<std::size_t, int> firsts;
  Random random(2);
  for (int worker = 0; worker < 60; ++worker) ++firsts[SmoothRoundRobin(all.size(), random).pick(all)];
  CHECK(firsts.size() == 3);
}

TEST_CASE("least connections compares by weight without rounding") {
  struct Case {
    Candidate a, b;
    bool a_is_less_loaded;
  };
  constexpr std::uint32_t kMany = 4'000'000'000;
  for (const Case& c : {
           Case{{0, 100, 1, 0}, {1, 100, 2, 0}, true},
           Case{{0, 1, 1, 0}, {1, 2, 2, 0}, false},
           Case{{0, 3, 1, 0}, {1, 2, 1, 0}, true},
           Case{{0, 1000, 999, 0}, {1, 1, 1, 0}, true},
           Case{{0, 1000, kMany, 0}, {1, 999, kMany, 0}, true},
           Case{{0, 1, 0, 0}, {1, 1000, 0, 0}, false},
       }) {
    INFO(c.a.in_flight << "/" << c.a.weight << " " << c.b.in_flight << "/" << c.b.weight);
    CHECK(less_loaded(c.a, c.b) == c.a_is_less_loaded);
  }
}

TEST_CASE("random of two draws two different servers: with two, the less busy one always wins") {
  Random random(9);
  auto all = servers({1000, 1});
  all[0].in_flight = 1001;
  all[1].in_flight = 1;
  for (int i = 0; i < 500; ++i) CHECK(pick_random(all, 2, random) == 1);
}

TEST_CASE("random of two prefers the heavier among idle servers") {
  Random random(4);
  const auto all = servers({1, 10, 100});
  std::map<std::uint32_t, int> picks;
  for (int i = 0; i < 20000; ++i) ++picks[all[pick_random(all, 2, random)].server];
  CHECK(picks[0] < picks[1]);
  CHECK(picks[1] < picks[2]);
}

TEST_CASE("consistent hashing gives a new server its share and takes nothing else away") {
  const auto all = servers({100, 100, 100, 300});
  const std::vector<Candidate> before = {all[0], all[1], all[2]};
  constexpr int kKeys = 20000;
  int moved = 0;
  for (int i = 0; i < kKeys; ++i) {
    const auto key = hash_bytes("key" + std::to_string(i));
    const auto old_place = before[pick_consistent_hash(before, key)].server;
    const auto place = all[pick_consistent_hash(all, key)].server;
    if (place != old_place) {
      CHECK(place == 3);
      ++moved;
    }
  }
  CHECK(std::abs(moved / static_cast<double>(kKeys) - 0.5) < 0.015);
}

TEST_CASE("the hash of a name is what it always was: a changed one would move every client") {
  CHECK(hash_bytes("") == 0xefd01f60ba992926U);
  CHECK(hash_bytes("web1") == 0x9477fbf24a3c9866U);
  CHECK(hash_bytes("web1") != hash_bytes("web2"));
  CHECK(hash_bytes("a") != hash_bytes(std::string_view("a\0", 2)));
}

TEST_CASE("the hash spreads similar keys evenly") {
  std::vector<int> buckets(64, 0);
  constexpr int kKeys = 64000;
  for (int i = 0; i < kKeys; ++i)
    ++buckets[hash_bytes("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256)) % 64];
  double chi_square = 0;
  for (const int count : buckets) chi_square += std::pow(count - kKeys / 64.0, 2) / (kKeys / 64.0);
  CHECK(chi_square < 110);  // 63 degrees of freedom: 99.97 % lie below
}

TEST_CASE("a map has a place for each unit of weight, and changes with its servers only") {
  std::vector<Candidate> all = servers({30, 10, 20});
  const std::uint32_t weights[] = {30, 10, 20};
  ServerMap map(weights);
  std::map<std::uint32_t, int> picks;
  for (std::uint32_t hash = 0; hash < 6; ++hash) ++picks[all[map.pick(all, hash)].server];
  CHECK(picks == std::map<std::uint32_t, int>{{0, 3}, {1, 1}, {2, 2}});
  all.erase(all.begin());
  picks.clear();
  for (std::uint32_t hash = 0; hash < 3; ++hash) ++picks[all[map.pick(all, hash)].server];
  CHECK(picks == std::map<std::uint32_t, int>{{1, 1}, {2, 2}});
}

TEST_CASE(
    "on a ring only the keys of a server that goes move, and one that is busy beyond its share is passed "
    "over") {
  const std::vector<Candidate> all = servers({1, 1, 1, 1});
  const std::vector<ServerRing::Member> members = {{1, 1}, {2, 1}, {3, 1}, {4, 1}};
  ServerRing ring(members);
  std::vector<Candidate> rest = all;
  rest.erase(rest.begin() + 2);
  for (std::uint32_t i = 0; i < 500; ++i) {
    const std::uint32_t hash = avalanche(i);
    const std::uint32_t before = all[ring.pick(all, hash, 0)].server;
    const std::uint32_t after = rest[ring.pick(rest, hash, 0)].server;
    if (before != 2) CHECK(after == before);
    std::vector<Candidate> busy = all;
    for (Candidate& candidate : busy) candidate.in_flight = 10;
    busy[before].in_flight = 20;
    CHECK(ring.pick(busy, hash, 0) == before);
    CHECK(ring.pick(busy, hash, 125) != before);
  }
}

TEST_CASE("XXH64 is that of its authors") {
  CHECK(xxh64("") == 0xEF46DB3751D8E999U);
  CHECK(xxh64("a") == 0xD24EC4F1A98C6E5BU);
  CHECK(xxh64("Nobody inspects the spammish repetition") == 0xFBCEA83C8A378BF1U);
}

TEST_CASE("HAProxy's hash functions are those that are known under their names") {
  CHECK(haproxy_hash(HashFunction::kCrc32, "123456789") == 0xcbf43926U);
  CHECK(haproxy_hash(HashFunction::kDjb2, "") == 5381);
  CHECK(haproxy_hash(HashFunction::kSdbm, "ab") == 97U * 65599U + 98U);
  CHECK(haproxy_address_hash({"\x0a\x00\x00\x01", 4}) == 0x0a000001U);
  CHECK(haproxy_address_hash({"\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00\x08", 16}) ==
        15U);
}
