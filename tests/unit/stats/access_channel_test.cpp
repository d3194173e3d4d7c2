#include "lb/stats/access_channel.h"

#include <catch2/catch.hpp>
#include <string>

#include "lb/stats/access_buffer.h"
#include "tests/unit/stats/access_record_example.h"

using namespace reseal;
using namespace reseal::stats;

TEST_CASE("lines arrive whole, in order, and wake whoever writes them") {
  int woken = 0;
  AccessChannel channel("file", [&] { ++woken; });
  channel.hand_over("one\ntwo\n", 2);
  channel.hand_over("three\n", 1);
  CHECK(woken == 2);
  std::string text = "what was written before";
  channel.take(text);
  CHECK(text == "one\ntwo\nthree\n");
  channel.take(text);
  CHECK(text.empty());
  CHECK(channel.dropped() == 0);
}

TEST_CASE("what a stalled target has no room for is dropped and counted, and memory stays bounded") {
  AccessChannel channel("stalled", [] {});
  const std::string lines(AccessBuffer::kSize, 'x');
  const std::size_t fitting = AccessChannel::kMostWaiting / lines.size();
  for (std::size_t i = 0; i < fitting; ++i) channel.hand_over(lines, 100);
  CHECK(channel.dropped() == 0);
  for (int i = 0; i < 1000; ++i) channel.hand_over(lines, 100);
  CHECK(channel.dropped() == 100'000);
  std::string text;
  channel.take(text);
  CHECK(text.size() == AccessChannel::kMostWaiting);
  // Once it goes on, so does the log.
  channel.hand_over("again\n", 1);
  channel.take(text);
  CHECK(text == "again\n");
  CHECK(channel.dropped() == 100'000);
}

TEST_CASE("a buffer hands over what it was given, before it is full, and nothing twice") {
  auto channel = std::make_shared<AccessChannel>("file", [] {});
  AccessBuffer buffer(channel);
  const auto format = LogFormat::compile("{target}");
  REQUIRE(format);
  LogDate date;
  AccessRecord record = example_record();
  const std::string target(2000, 't');
  record.target = target;
  std::string all;
  std::string text;
  CHECK(buffer.is_empty());
  for (int i = 0; i < 1000; ++i) {
    LogLine line(buffer.room(), date);
    format->write(record, line);
    buffer.add(line.size());
    channel->take(text);
    all += text;
  }
  CHECK(all.size() > 1000 * 2001 - AccessBuffer::kSize);
  buffer.hand_over();
  CHECK(buffer.is_empty());
  buffer.hand_over();
  channel->take(text);
  all += text;
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += target + "\n";
  CHECK(all == expected);
}
