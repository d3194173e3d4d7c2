// When is a server up? After `rise` passed checks in a row; down after `fall` failed ones. Pure state
// machine.
//
//            failed                    failed × fall
//     kUp ──────────► kFalling(n) ───────────────────► kDown
//      ▲                 │ passed                       │ passed
//      ├─────────────────┘                              ▼
//      └──────────────── passed × rise ──────────── kRising(n) ──failed──► kDown
//   suspected (by traffic): kUp, kFalling ──► kDown at once
#pragma once

#include <cstdint>

namespace reseal::health {

class RiseFall {
 public:
  enum class State : std::uint8_t { kUp, kFalling, kDown, kRising };
  enum class Change : std::uint8_t { kNone, kWentUp, kWentDown };

  /// Both counts are at least 1.
  RiseFall(int rise, int fall, bool up) : rise_(rise), fall_(fall), state_(up ? State::kUp : State::kDown) {}

  Change passed();
  Change failed();
  Change suspected();
  /// If it is up, the next failed check takes it down.
  void doubt();

  [[nodiscard]] State state() const { return state_; }
  /// kFalling still serves, kRising does not yet.
  [[nodiscard]] bool is_up() const { return state_ == State::kUp || state_ == State::kFalling; }
  /// Results in a row that speak for a change.
  [[nodiscard]] int streak() const { return streak_; }
  /// New thresholds, e.g. after a reload; the state stays.
  void set_thresholds(int rise, int fall);

 private:
  int rise_;
  int fall_;
  int streak_ = 0;
  State state_;
};

}  // namespace reseal::health
