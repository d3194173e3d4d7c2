// Whether what a server has said so far is what a check expects: the one place that reads a probed server's bytes. Pure and
// bounded: it looks at what the probe has kept, which is never more than kMostAnswer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "health/check_plan.h"
#include "lb/http/message.h"

namespace reseal::health {

/// Bytes of an answer, or of its body, that are kept; what comes behind is not looked at.
constexpr std::size_t kMostAnswer = 16 * 1024;

struct Answer {
  std::string_view bytes;    ///< of an HTTP response: its body
  bool is_complete = false;  ///< nothing more comes, or none is taken
  const http::ResponseHead* head =
      nullptr;  ///< of an HTTP response; null: not there yet, or none is expected
};

struct Judgement {
  enum class Outcome : std::uint8_t { kWait, kPassed, kFailed };
  Outcome outcome = Outcome::kWait;
  config::CheckStatus status = config::CheckStatus::kUnknown;
  std::optional<int> code;
  std::string info;    ///< as HAProxy tells it; may be empty
  std::string reason;  ///< in words: "HTTP 503, expected 200-399"
};

/// `step` holds a PlannedExpect.
Judgement judge(const PlannedStep& step, const Answer& answer);

/// What a step does, as HAProxy names it: "connect port 80", "expect string '+PONG'".
std::string describe_step(const PlannedStep& step);

}  // namespace reseal::health
