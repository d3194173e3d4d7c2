#include "health/availability.h"

namespace reseal::health {

void Availability::set(bool is_up, TimePoint now) {
  if (is_up == up) return;
  if (up) ++downs;
  if (!up) down_before += std::chrono::duration_cast<Duration>(now - since);
  up = is_up;
  since = now;
}

Duration Availability::down_time(TimePoint now) const {
  return up ? down_before : down_before + std::chrono::duration_cast<Duration>(now - since);
}

}  // namespace reseal::health
