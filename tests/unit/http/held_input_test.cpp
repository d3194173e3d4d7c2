#include "lb/http/held_input.h"

#include <catch2/catch.hpp>

using reseal::http::HeldInput;

TEST_CASE("bytes are held in order until somebody takes them, and the end stays behind them") {
  HeldInput input;
  CHECK(input.is_paused());  // nobody has asked yet
  CHECK(input.hold("a"));
  CHECK(input.hold("b"));
  input.end();
  CHECK_FALSE(input.is_at_end());
  CHECK(input.resume() == "ab");
  CHECK(input.is_empty());
  CHECK(input.is_at_end());
}

TEST_CASE("what comes while nothing is held passes by, until it is paused again") {
  HeldInput input;
  CHECK(input.resume().empty());
  CHECK_FALSE(input.hold("a"));
  input.pause();
  CHECK(input.hold("b"));
  input.end();
  CHECK_FALSE(input.is_at_end());
  CHECK(input.resume() == "b");
  CHECK(input.is_at_end());
}

TEST_CASE("whoever gets the held bytes may pause again: the end waits for the next time") {
  HeldInput input;
  CHECK(input.hold("a"));
  input.end();
  CHECK(input.resume() == "a");
  input.pause();
  CHECK_FALSE(input.is_at_end());
  CHECK(input.resume().empty());
  CHECK(input.is_at_end());
}
