#include "backends/stick_table.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "backends/hash.h"

using namespace reseal;
using namespace reseal::backends;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart{std::chrono::hours(1000)};

}  // namespace

TEST_CASE("a client is found by its key until it was away for the idle time") {
  StickTable table(1000, 30min, 1);
  const auto web1 = table.number_of("web1");
  const auto web2 = table.number_of("web2");
  CHECK(web1 != web2);
  CHECK(web1 != 0);
  CHECK(table.number_of("web1") == web1);
  CHECK_FALSE(table.find(7, kStart));
  table.store(7, web1, kStart);
  table.store(8, web2, kStart);
  CHECK(table.find(7, kStart) == web1);
  CHECK(table.find(8, kStart + 29min) == web2);
  CHECK_FALSE(table.find(9, kStart));
  // Each request counts anew.
  table.store(7, web1, kStart + 29min);
  CHECK(table.find(7, kStart + 58min) == web1);
  CHECK_FALSE(table.find(8, kStart + 31min));
  // What stands is the last server.
  table.store(7, web2, kStart + 58min);
  CHECK(table.find(7, kStart + 58min) == web2);
}

TEST_CASE("the key 0 and the time 0 are like any other") {
  StickTable table(8, 1s, 0);
  const auto web1 = table.number_of("web1");
  CHECK_FALSE(table.find(0, TimePoint{}));
  table.store(0, web1, TimePoint{});
  CHECK(table.find(0, TimePoint{}) == web1);
  CHECK_FALSE(table.find(0, TimePoint{} + 2s));
}

TEST_CASE("no server is stored for a name beyond the last number") {
  StickTable table(8, 1s, 0);
  table.store(1, 0, kStart);
  CHECK_FALSE(table.find(1, kStart));
}

TEST_CASE("as many clients as were asked for are nearly all known") {
  StickTable table(10000, 1h, 99);
  const auto web1 = table.number_of("web1");
  for (std::uint64_t key = 0; key < 10000; ++key) table.store(hash_bytes(std::to_string(key)), web1, kStart);
  int known = 0;
  for (std::uint64_t key = 0; key < 10000; ++key)
    known += table.find(hash_bytes(std::to_string(key)), kStart) ? 1 : 0;
  CHECK(known > 9800);
}

TEST_CASE("where there is no room the client that was away longest is forgotten") {
  StickTable table(8, 1h, 3);
  const auto web1 = table.number_of("web1");
  REQUIRE(table.is_of(8, 1h));
  constexpr std::uint64_t kMany = 200;
  for (std::uint64_t key = 0; key < kMany; ++key) {
    table.store(key, web1, kStart + std::chrono::seconds(key * 10));
    // The first one is always there again.
    table.store(1000, web1, kStart + std::chrono::seconds(key * 10 + 5));
  }
  const TimePoint now = kStart + std::chrono::seconds(kMany * 10);
  CHECK(table.find(1000, now));
  CHECK(table.find(kMany - 1, now));
  int known = 0;
  for (std::uint64_t key = 0; key < kMany; ++key) known += table.find(key, now) ? 1 : 0;
  CHECK(known <= 16);
  CHECK_FALSE(table.find(0, now));
}

TEST_CASE("workers use the table at once") {
  StickTable table(64, 1h, 5);
  const auto web1 = table.number_of("web1");
  const auto web2 = table.number_of("web2");
  std::vector<std::thread> workers;
  std::atomic<int> wrong{0};
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&, worker] {
      for (int i = 0; i < 20000; ++i) {
        const auto key = static_cast<std::uint64_t>(i % 100);
        const auto now = kStart + std::chrono::milliseconds(i);
        if (const auto found = table.find(key, now); found && *found != web1 && *found != web2) ++wrong;
        table.store(key, worker % 2 == 0 ? web1 : web2, now);
      }
    });
  }
  for (auto& worker : workers) worker.join();
  CHECK(wrong == 0);
}
