// Time as the code sees it. The data path uses Loop::now(), constant during a turn; tests hand in the times
// they like.
#pragma once

#include <chrono>

namespace reseal {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::milliseconds;  ///< resolution of every configured time
using Microseconds = std::chrono::microseconds;

}  // namespace reseal
