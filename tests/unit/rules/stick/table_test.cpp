#include "lb/rules/stick/table.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "lb/rules/stick/key.h"
#include "lb/rules/stick/tracking.h"

using namespace reseal;
using namespace reseal::rules::stick;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart{std::chrono::hours(1000)};
constexpr HashKey kKey{1, 2};

Definition definition(std::uint64_t size, Duration expire = 0ms, bool nopurge = false) {
  Definition result;
  result.type = KeyType::kString;
  result.key_bytes = 32;
  result.size = size;
  result.expire = expire;
  result.nopurge = nopurge;
  result.stored = {{DataType::kGpc0},       {DataType::kHttpReqCnt},      {DataType::kHttpReqRate, 1, 10'000},
                   {DataType::kBytesInCnt}, {DataType::kConnCnt},         {DataType::kConnCur},
                   {DataType::kGpc, 3},     {DataType::kGpcRate, 2, 1000}};
  return result;
}

bool has(Table& table, std::string_view key, TimePoint now = kStart) {
  return static_cast<bool>(table.find(key, now));
}
void put(Table& table, std::string_view key, TimePoint now = kStart) {
  REQUIRE(table.find_or_add(key, now));
}

}  // namespace

TEST_CASE("a hash with a key gives SipHash-1-3's values") {
  // As Python 3.11 hashes bytes with the key 0.
  CHECK(keyed_hash({}, "a") == 0x407448d2b89b1813U);
  CHECK(keyed_hash({}, "abcdefghijklmno") == 0x1fd27a29b0e9dc7aU);
  CHECK(keyed_hash({}, "abcdefgh12345678") == 0x76c6e75b028d37a0U);
  CHECK(keyed_hash({1, 0}, "a") != keyed_hash({}, "a"));
  CHECK(keyed_hash({0, 1}, "a") != keyed_hash({}, "a"));
}

TEST_CASE("an entry keeps numbers, long numbers, rates and arrays apart") {
  Table table("t", definition(10), kKey);
  {
    auto entry = table.find_or_add("a", kStart);
    CHECK(entry->add({DataType::kGpc0}, 1) == 1U);
    CHECK(entry->add({DataType::kGpc0}, 0xffffffffU) == 0U);  // 32 bits
    CHECK(entry->add({DataType::kBytesInCnt}, 5'000'000'000U) == 5'000'000'000U);
    CHECK(entry->add({DataType::kGpc, 2}, 7) == 7U);
    CHECK(entry->set({DataType::kGpc, 1}, 4));
    CHECK(entry->add({DataType::kGpcRate, 1}, 3) == 3U);
    CHECK_FALSE(entry->add({DataType::kGpc, 3}, 1));
    CHECK_FALSE(entry->set({DataType::kGpt0}, 1));
    CHECK(entry->add({DataType::kHttpReqRate}, 2) == 2U);
  }
  auto entry = table.find("a", kStart + 500ms);
  REQUIRE(entry);
  CHECK(entry.key() == "a");
  CHECK(entry->value({DataType::kBytesInCnt}) == 5'000'000'000U);
  CHECK(entry->value({DataType::kGpc, 0}) == 0U);
  CHECK(entry->value({DataType::kGpc, 1}) == 4U);
  CHECK(entry->value({DataType::kGpc, 2}) == 7U);
  CHECK(entry->value({DataType::kGpcRate, 0}) == 0U);
  CHECK(entry->value({DataType::kGpcRate, 1}) == 3U);
  CHECK(entry->value({DataType::kHttpReqRate}) == 2U);
  CHECK_FALSE(entry->value({DataType::kSessCnt}));
}

TEST_CASE("an entry goes when it was not used for the time to expire") {
  Table table("t", definition(10, 10s), kKey);
  put(table, "a");
  put(table, "b");
  CHECK(has(table, "a", kStart + 9s));  // which is no use
  put(table, "b", kStart + 9s);
  CHECK(table.entries(kStart + 9s) == 2);
  CHECK_FALSE(has(table, "a", kStart + 10s));
  CHECK(has(table, "b", kStart + 18s));
  CHECK(table.entries(kStart + 18s) == 1);
  CHECK(table.entries(kStart + 19s) == 0);
  auto entry = table.find_or_add("b", kStart + 19s);
  CHECK(entry->value({DataType::kGpc0}) == 0U);
}

TEST_CASE("without a time to expire entries stay") {
  Table table("t", definition(10), kKey);
  put(table, "a");
  CHECK(has(table, "a", kStart + 1000h));
}

TEST_CASE("a full table drops what was used least recently") {
  Table table("t", definition(3), kKey);
  put(table, "a");
  put(table, "b");
  put(table, "c");
  put(table, "a");
  put(table, "d");
  CHECK(table.entries(kStart) == 3);
  CHECK(has(table, "a"));
  CHECK_FALSE(has(table, "b"));
  CHECK(has(table, "c"));
  CHECK(has(table, "d"));
}

TEST_CASE("with nopurge a full table takes no new entry until one expires") {
  Table table("t", definition(2, 10s, true), kKey);
  put(table, "a");
  put(table, "b", kStart + 5s);
  CHECK_FALSE(table.find_or_add("c", kStart + 5s));
  CHECK(table.find_or_add("b", kStart + 5s));
  CHECK(table.find_or_add("c", kStart + 10s));
  CHECK_FALSE(has(table, "a", kStart + 10s));
  CHECK_FALSE(table.find_or_add("d", kStart + 10s));
}

TEST_CASE("an entry that is tracked neither expires nor gives way") {
  Table table("t", definition(2, 10s), kKey);
  Entry* a = table.track("a", kStart).entry();
  REQUIRE(a != nullptr);
  CHECK(table.track("a", kStart).entry() == a);
  put(table, "b");
  put(table, "c");
  CHECK(has(table, "a"));
  CHECK_FALSE(has(table, "b"));
  Entry* c = table.track("c", kStart).entry();
  CHECK_FALSE(table.find_or_add("d", kStart));  // nothing can go
  CHECK_FALSE(table.track("d", kStart));
  CHECK(has(table, "a", kStart + 1h));
  CHECK(table.lock(*a, kStart).trackers() == 2);
  table.untrack(table.lock(*a, kStart + 1h));
  CHECK(has(table, "a", kStart + 2h));
  table.untrack(table.lock(*a, kStart + 2h));
  CHECK(has(table, "a", kStart + 2h + 9s));
  CHECK_FALSE(has(table, "a", kStart + 2h + 10s));
  table.untrack(table.lock(*c, kStart + 2h));
}

TEST_CASE("a large table holds as many entries as it was made for, and no more") {
  constexpr std::uint64_t kSize = 20'000;
  Table table("t", definition(kSize), kKey);
  for (std::uint64_t i = 0; i < kSize; ++i) put(table, std::to_string(i));
  CHECK(table.entries(kStart) == kSize);
  for (std::uint64_t i = 0; i < kSize; ++i) REQUIRE(has(table, std::to_string(i)));
  for (std::uint64_t i = 0; i < 5000; ++i) put(table, "x" + std::to_string(i));
  CHECK(table.entries(kStart) == kSize);
  std::uint64_t old = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) old += has(table, std::to_string(i)) ? 1 : 0;
  CHECK(old < 500);  // the oldest go first, but for the shards' differences
}

TEST_CASE("a large table with nopurge is full at its size") {
  constexpr std::uint64_t kSize = 5000;
  Table table("t", definition(kSize, 0ms, true), kKey);
  std::uint64_t taken = 0;
  for (std::uint64_t i = 0; i < 2 * kSize; ++i) taken += table.find_or_add(std::to_string(i), kStart) ? 1 : 0;
  CHECK(taken == kSize);
}

TEST_CASE("entries made for one definition stay for another that stores the same") {
  const Definition before = definition(10, 10s);
  Definition after = definition(10, 20s, true);
  CHECK(after.keeps_entries_of(before));
  after.stored.pop_back();
  CHECK_FALSE(after.keeps_entries_of(before));
  Table table("t", before, kKey);
  put(table, "a");
  table.set_ageing(20s, false);
  put(table, "a");
  CHECK(has(table, "a", kStart + 19s));
  CHECK(table.number_of("web1") == table.number_of("web1"));
  CHECK(table.number_of("web1") != table.number_of("web2"));
}

TEST_CASE("a rate is that of a sliding window") {
  Rate rate;
  const std::uint32_t period = 10'000;
  std::uint32_t now = 4'000'000'000U;
  for (int i = 0; i < 10; ++i) rate.add(1, now, period);
  CHECK(rate.per_period(now, period) == 10);
  CHECK(rate.per_period(now + 10'000, period) == 10);
  CHECK(rate.per_period(now + 12'500, period) == 7);  // three quarters of the last period
  CHECK(rate.per_period(now + 20'001, period) == 0);
  rate.add(4, now + 15'000, period);
  CHECK(rate.per_period(now + 15'000, period) == 9);
  CHECK(rate.per_period(now + 19'999, period) == 4);
  rate.add(1, now + 100'000, period);
  CHECK(rate.per_period(now + 100'000, period) == 1);
  CHECK(rate.per_period(now + 99'998, period) == 1);   // another worker's clock
  CHECK(rate.per_period(now + 115'000, period) == 1);  // no fraction of a single one
  now = 0xfffffff0U;                                   // time wraps
  Rate wrapping;
  wrapping.add(3, now, period);
  wrapping.add(3, now + 0x20, period);
  CHECK(wrapping.per_period(now + 0x20, period) == 6);
}

TEST_CASE("keys are made of values as the table's type has it") {
  namespace expression = rules::expression;
  using expression::Sample;
  BufferPool pool;
  Arena arena(pool);
  Definition text = definition(1);
  text.key_bytes = 4;
  const auto key = [&](Sample sample, const Definition& of) -> std::string {
    const auto bytes = key_of(sample, of, arena);
    return bytes ? std::string(*bytes) : "none";
  };
  CHECK(key(Sample::string("abcdef"), text) == "abcd");
  CHECK(key(Sample::string("ab"), text) == "ab");
  CHECK(key(Sample::number(12), text) == "12");
  Definition binary = text;
  binary.type = KeyType::kBinary;
  CHECK(key(Sample::binary("ab"), binary) == std::string("ab\0\0", 4));
  CHECK(key(Sample::binary("abcdef"), binary) == "abcd");
  Definition ip = text;
  ip.type = KeyType::kIp;
  CHECK(key(*expression::parse_address("1.2.3.4"), ip) == "\1\2\3\4");
  CHECK(key(*expression::parse_address("::ffff:1.2.3.4"), ip) == "\1\2\3\4");
  CHECK(key(*expression::parse_address("2001:db8::1"), ip) == "none");
  CHECK(key(Sample::string("no address"), ip) == "none");
  Definition ipv6 = text;
  ipv6.type = KeyType::kIpv6;
  CHECK(key(*expression::parse_address("1.2.3.4"), ipv6).size() == 16);
  Definition integer = text;
  integer.type = KeyType::kInteger;
  CHECK(key(Sample::number(0x1'0000'0001), integer) == key(Sample::number(1), integer));
}

TEST_CASE("what is tracked counts connections, requests, errors and bytes") {
  auto table = std::make_shared<Table>("t", definition(10), kKey);
  const auto value = [&](std::string_view key, DataType type) {
    auto entry = table->find(key, kStart);
    REQUIRE(entry);
    return entry->value({type});
  };
  Tracking connection;
  connection.track(0, table, "a", kStart);
  connection.track(0, table, "other", kStart);  // the first one stands
  CHECK_FALSE(has(*table, "other"));
  CHECK(value("a", DataType::kConnCnt) == 1U);
  CHECK(value("a", DataType::kConnCur) == 1U);
  CHECK(value("a", DataType::kHttpReqCnt) == 0U);
  for (int i = 0; i < 2; ++i) {
    Tracking request;
    request.begin(&connection, true);
    request.count_request(kStart);
    request.track(1, table, "b", kStart);
    CHECK(request.find(0)->entry == connection.find(0)->entry);
    CHECK_FALSE(request.track(0, table, "b", kStart));  // the connection's stands
    CHECK(value("b", DataType::kConnCur) == 1U);
    request.count_bytes(10, 20, kStart);
    request.end(kStart);
    CHECK_FALSE(request.is_tracking());
  }
  CHECK(value("a", DataType::kHttpReqCnt) == 2U);
  CHECK(value("b", DataType::kHttpReqCnt) == 2U);
  CHECK(value("b", DataType::kConnCnt) == 2U);
  CHECK(value("b", DataType::kConnCur) == 0U);
  CHECK(value("a", DataType::kBytesInCnt) == 20U);
  connection.end(kStart);
  CHECK(value("a", DataType::kConnCur) == 0U);
  CHECK(connection.find(0) == nullptr);
  CHECK(connection.find(3) == nullptr);
}

TEST_CASE("threads count in one table without losing anything") {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20'000;
  auto table = std::make_shared<Table>("t", definition(64, 1h), kKey);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&table, t] {
      for (int i = 0; i < kRounds; ++i) {
        Tracking tracking;
        tracking.begin(nullptr, true);
        tracking.track(0, table, "shared", kStart);
        tracking.count_bytes(1, 1, kStart);
        // Others come and go meanwhile, more than there is room for.
        table->find_or_add(std::to_string(t) + "." + std::to_string(i % 100), kStart);
        if (i % 64 == 0) (void)table->entries(kStart);
        if (t == 0 && i % 512 == 0) table->set_ageing(1h, i % 1024 == 0);
        tracking.end(kStart);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto entry = table->find("shared", kStart);
  REQUIRE(entry);
  CHECK(entry->value({DataType::kConnCnt}) == std::uint64_t{kThreads} * kRounds);
  CHECK(entry->value({DataType::kHttpReqCnt}) == std::uint64_t{kThreads} * kRounds);
  CHECK(entry->value({DataType::kBytesInCnt}) == std::uint64_t{kThreads} * kRounds);
  CHECK(entry->value({DataType::kConnCur}) == 0U);
  CHECK(entry.trackers() == 0);
}
