#include "health/check_words.h"

#include <cctype>
#include <string_view>

#include "lb/base/text.h"
#include "lb/http/message.h"

namespace reseal::health {
namespace {

constexpr std::string_view kHttp = "HTTP ";

/// "HTTP 503, expected 200-399"
std::optional<int> status_in(std::string_view reason) {
  if (!reason.starts_with(kHttp)) return std::nullopt;
  int status = 0;
  for (const char c : reason.substr(kHttp.size())) {
    if (c < '0' || c > '9') break;
    status = status * 10 + (c - '0');
  }
  return status;
}

void describe_pass(const config::Check& check, bool secured, std::string_view reason, CheckWords& words) {
  words.code = status_in(reason);
  if (check.kind == config::CheckKind::kHttp) {
    words.description = "Layer7 check passed";
  } else {
    words.description = secured ? "Layer6 check passed" : "Layer4 check passed";
  }
}

void describe_failure(std::string_view reason, bool secured, CheckWords& words) {
  words.code = status_in(reason);
  if (words.code) {
    words.description = "Layer7 wrong status";
    words.info = http::reason_phrase(*words.code);
  } else if (reason.starts_with("no connection within")) {
    words.description = secured ? "Layer6 timeout" : "Layer4 timeout";
  } else if (reason.starts_with("no complete answer within")) {
    words.description = "Layer7 timeout";
  } else if (reason.starts_with("connection refused") ||
             reason.find("unreachable") != std::string_view::npos) {
    words.description = "Layer4 connection problem";
    words.info = reason;
    words.info.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(words.info.front())));
  } else if (secured) {
    words.description = "Layer6 invalid response";
    words.info = "SSL handshake failure";
  } else {
    words.description = "Layer7 invalid response";
    words.info = reason;
  }
}

}  // namespace

CheckWords words_of(const ProbeResult& result, const config::Check& check, bool secured,
                    const RiseFall& state) {
  CheckWords words;
  words.passed = result.verdict == Verdict::kPassed;
  words.duration = result.latency;
  if (words.passed) {
    describe_pass(check, secured, result.reason, words);
  } else {
    describe_failure(result.reason, secured, words);
  }
  words.is_up = state.is_up();
  words.of = state.is_up() ? check.fall : check.rise;
  words.health = state.is_up() ? check.fall - state.streak() : state.streak();
  return words;
}

}  // namespace reseal::health
