#include "lb/proxy/body_buffer.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::proxy;

namespace {

/// How many times rules are asked that always lack `enough` bytes, while as many come one by one.
int rounds(BodyBuffer& buffer, std::size_t bytes, std::uint64_t enough) {
  int rounds = 0;
  buffer.wait(enough);
  for (std::size_t i = 0; i < bytes; ++i) {
    if (!buffer.take("a")) continue;
    ++rounds;
    buffer.wait(enough);
  }
  return rounds;
}

}  // namespace

TEST_CASE("rules of mode tcp are not asked about each of many single bytes") {
  BodyBuffer buffer;
  buffer.begin_raw(Duration(1000));
  CHECK(rounds(buffer, 20, 0) == 20);
  CHECK(rounds(buffer, 16000, 0) < 100);
  // The next connection begins anew.
  buffer.end();
  buffer.begin_raw(Duration(1000));
  CHECK(rounds(buffer, 20, 0) == 20);
}

TEST_CASE("rules of mode tcp are asked as soon as what they lack is there") {
  BodyBuffer buffer;
  buffer.begin_raw(Duration(1000));
  (void)rounds(buffer, 1000, 0);
  const std::size_t size = buffer.view().bytes.size();
  buffer.wait(size + 3);
  CHECK_FALSE(buffer.take("ab"));
  CHECK(buffer.take("c"));
  buffer.wait(16000);
  CHECK(buffer.take(std::string(size / 4, 'a')));
}

TEST_CASE("a body is waited for until there is as much as was asked for") {
  BodyBuffer buffer;
  http::Framing framing;
  framing.kind = http::BodyKind::kChunked;
  buffer.begin(framing);
  buffer.wait(5);
  CHECK_FALSE(buffer.take("abcd"));
  CHECK(buffer.take("e"));
  buffer.wait(0);
  CHECK_FALSE(buffer.take("f"));
}
