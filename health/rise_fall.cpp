#include "health/rise_fall.h"

namespace reseal::health {

RiseFall::Change RiseFall::passed() {
  if (is_up()) {
    state_ = State::kUp;
    streak_ = 0;
    return Change::kNone;
  }
  state_ = State::kRising;
  if (++streak_ < rise_) return Change::kNone;
  state_ = State::kUp;
  streak_ = 0;
  return Change::kWentUp;
}

RiseFall::Change RiseFall::failed() {
  if (!is_up()) {
    state_ = State::kDown;
    streak_ = 0;
    return Change::kNone;
  }
  state_ = State::kFalling;
  if (++streak_ < fall_) return Change::kNone;
  state_ = State::kDown;
  streak_ = 0;
  return Change::kWentDown;
}

RiseFall::Change RiseFall::suspected() {
  if (!is_up()) return Change::kNone;
  state_ = State::kDown;
  streak_ = 0;
  return Change::kWentDown;
}

void RiseFall::doubt() {
  if (!is_up() || fall_ == 1) return;
  state_ = State::kFalling;
  streak_ = fall_ - 1;
}

void RiseFall::set_thresholds(int rise, int fall) {
  rise_ = rise;
  fall_ = fall;
}

}  // namespace reseal::health
