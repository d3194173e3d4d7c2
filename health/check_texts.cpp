#include "health/check_texts.h"

#include <fmt/format.h>

namespace reseal::health {
namespace {

std::string_view outcome_of(const ProbeResult& result) {
  if (result.verdict != Verdict::kPassed) return "failed";
  return result.status == config::CheckStatus::kL7OkConditionally ? "conditionally succeeded" : "succeeded";
}

}  // namespace

std::string reason_text(const ProbeResult& result) {
  std::string text = fmt::format("reason: {}", config::description_of(result.status));
  if (result.code) text += fmt::format(", code: {}", *result.code);
  if (!result.info.empty()) text += fmt::format(", info: \"{}\"", result.info);
  return text + fmt::format(", check duration: {}ms", result.latency.count() / 1000);
}

std::string check_line(const backends::ServerState& server, bool is_backup, const ProbeResult& result,
                       CheckHealth health) {
  const bool up = health.is_up();
  return fmt::format("Health check for {}server {}/{} {}, {}, status: {}/{} {}.", is_backup ? "backup " : "",
                     server.backend, server.name, outcome_of(result), reason_text(result),
                     up ? health.now - health.rise + 1 : health.now, up ? health.fall : health.rise,
                     up ? "UP" : "DOWN");
}

std::string state_text(const backends::ServerState& server, std::uint32_t weight, CheckHealth health) {
  const bool up = health.is_up();
  std::string text = up ? "UP" : "DOWN";
  const bool changing = up ? health.now < health.rise + health.fall - 1 : health.now > 0;
  if (changing) {
    text += up ? fmt::format(" {}/{}", health.now - health.rise + 1, health.fall)
               : fmt::format(" {}/{}", health.now, health.rise);
  }
  const net::Address address = server.address.get();
  return fmt::format("{}; address={}; port={}; name={}/{}; weight={}; scur={}", text, address.host(),
                     address.port(), server.backend, server.name, weight, server.counters.in_flight());
}

}  // namespace reseal::health
