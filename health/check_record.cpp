#include "health/check_record.h"

#include <algorithm>
#include <array>

namespace reseal::health {
namespace {

struct Word {
  std::string_view word;
  std::string_view description;
};

constexpr std::array kWords = {
    Word{"L4OK", "Layer4 check passed"},        Word{"L4TOUT", "Layer4 timeout"},
    Word{"L4CON", "Layer4 connection problem"}, Word{"L6OK", "Layer6 check passed"},
    Word{"L6TOUT", "Layer6 timeout"},           Word{"L6RSP", "Layer6 invalid response"},
    Word{"L7OK", "Layer7 check passed"},        Word{"L7TOUT", "Layer7 timeout"},
    Word{"L7RSP", "Layer7 invalid response"},   Word{"L7STS", "Layer7 wrong status"}};

}  // namespace

std::string_view check_word(const ProbeResult& result, config::CheckKind kind, bool is_secured) {
  const bool asks = kind == config::CheckKind::kHttp;
  if (result.verdict == Verdict::kPassed) return asks ? "L7OK" : is_secured ? "L6OK" : "L4OK";
  switch (result.stage) {
    case ProbeStage::kConnecting:
      return result.timed_out ? "L4TOUT" : "L4CON";
    case ProbeStage::kSecuring:
      return result.timed_out ? "L6TOUT" : "L6RSP";
    case ProbeStage::kAsking:
      break;
  }
  if (!asks) return is_secured ? "L6RSP" : "L4CON";
  return result.timed_out ? "L7TOUT" : result.status != 0 ? "L7STS" : "L7RSP";
}

std::string_view check_description(std::string_view word) {
  const auto* const found = std::ranges::find(kWords, word, &Word::word);
  return found == kWords.end() ? std::string_view() : found->description;
}

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

int health_points(const RiseFall& rise_fall, int rise, int fall) {
  switch (rise_fall.state()) {
    case RiseFall::State::kUp:
      return rise + fall - 1;
    case RiseFall::State::kFalling:
      return rise + fall - 1 - rise_fall.streak();
    case RiseFall::State::kRising:
      return rise_fall.streak();
    case RiseFall::State::kDown:
      break;
  }
  return 0;
}

}  // namespace reseal::health
