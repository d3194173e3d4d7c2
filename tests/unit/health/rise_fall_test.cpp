#include "health/rise_fall.h"

#include <catch2/catch.hpp>
#include <string>

using reseal::health::RiseFall;

namespace {

/// Feeds p(assed), f(ailed), s(uspected); writes U or D where the state changed, '.' where not.
std::string play(RiseFall& machine, const std::string& inputs) {
  std::string out;
  for (const char input : inputs) {
    const auto change = input == 'p'   ? machine.passed()
                        : input == 'f' ? machine.failed()
                                       : machine.suspected();
    out += change == RiseFall::Change::kWentUp ? 'U' : change == RiseFall::Change::kWentDown ? 'D' : '.';
  }
  return out;
}

}  // namespace

TEST_CASE("rise and fall count results in a row") {
  struct Case {
    int rise, fall;
    bool up;
    const char* inputs;
    const char* changes;
    RiseFall::State end;
  };
  using State = RiseFall::State;
  for (const Case& c : {
           Case{2, 3, true, "ppp", "...", State::kUp},
           Case{2, 3, true, "ff", "..", State::kFalling},
           Case{2, 3, true, "ffpff", ".....", State::kFalling},
           Case{2, 3, true, "fff", "..D", State::kDown},
           Case{2, 3, true, "fffp", "..D.", State::kRising},
           Case{2, 3, true, "fffpfp", "..D...", State::kRising},
           Case{2, 3, true, "fffpp", "..D.U", State::kUp},
           Case{1, 1, true, "fpfp", "DUDU", State::kUp},
           Case{2, 3, false, "pp", ".U", State::kUp},
           Case{2, 3, false, "fff", "...", State::kDown},
           Case{2, 3, true, "s", "D", State::kDown},
           Case{2, 3, true, "fs", ".D", State::kDown},
           Case{2, 3, true, "sspp", "D..U", State::kUp},
           Case{2, 3, false, "ps", "..", State::kRising},
       }) {
    INFO(c.inputs);
    RiseFall machine(c.rise, c.fall, c.up);
    CHECK(play(machine, c.inputs) == c.changes);
    CHECK(machine.state() == c.end);
  }
}

TEST_CASE("a falling server still serves, a rising one not yet") {
  RiseFall machine(2, 2, true);
  machine.failed();
  CHECK(machine.is_up());
  machine.failed();
  machine.passed();
  CHECK_FALSE(machine.is_up());
  CHECK(machine.streak() == 1);
}

TEST_CASE("new thresholds apply to the state that is there") {
  RiseFall machine(2, 5, true);
  play(machine, "ff");
  machine.set_thresholds(2, 3);
  CHECK(play(machine, "f") == "D");
}
