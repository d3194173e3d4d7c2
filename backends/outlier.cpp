#include "backends/outlier.h"

#include <fmt/format.h>

namespace reseal::backends {
namespace {

constexpr int kFirstServerError = 500;
constexpr std::uint64_t kPercent = 100;

}  // namespace

std::optional<std::string> OutlierDetector::note_response(const OutlierSettings& settings,
                                                          ServerState& server, int status, TimePoint now) {
  if (settings.server_errors && status >= kFirstServerError) {
    return note_error(settings, server, fmt::format("HTTP {}", status), now);
  }
  if (settings.error_percent != 0) responses_.count(now);
  // Successes are frequent and mostly have nothing to forget: looking is cheaper than storing.
  if (server.response_failures.load(std::memory_order_relaxed) != 0) {
    server.response_failures.store(0, std::memory_order_relaxed);
  }
  return std::nullopt;
}

std::optional<std::string> OutlierDetector::note_error(const OutlierSettings& settings, ServerState& server,
                                                       std::string_view why, TimePoint now) {
  if (settings.error_percent != 0) {
    responses_.count(now);
    responses_.mark(now);
  }
  if (settings.consecutive_errors != 0) {
    const std::uint32_t run = server.response_failures.fetch_add(1, std::memory_order_relaxed) + 1;
    if (run % static_cast<std::uint32_t>(settings.consecutive_errors) == 0) {
      return fmt::format("{} errors in a row, last: {}", run, why);
    }
  }
  return settings.error_percent != 0 ? judge_rate(settings, now) : std::nullopt;
}

std::optional<std::string> OutlierDetector::judge_rate(const OutlierSettings& settings, TimePoint now) {
  const std::uint64_t all = responses_.all(now);
  const std::uint64_t errors = responses_.marked(now);
  if (all < settings.least_requests || errors * kPercent < all * settings.error_percent) return std::nullopt;
  responses_.clear();  // said once; what comes after the ejection is judged anew
  return fmt::format("{} of {} responses within 10 s were errors", errors, all);
}

}  // namespace reseal::backends
