// What rules say about a request beside its fields: time limits, its line in the log, the status of a response.
#include "lb/http/message.h"
#include "lb/rules/actions/action_table.h"

namespace reseal::rules::actions {
namespace {

class SetStatus final : public Action {
 public:
  SetStatus(int status, std::string reason) : status_(status), reason_(std::move(reason)) {}
  Verdict run(Run& run) const override {
    // One that has no body by its status has none by its new one, and nothing would say so.
    constexpr int kSwitching = 101;
    const int status = run.response->status;
    if (status == kSwitching || status == 204 || status == 304) return {};
    run.response->status = status_;
    run.response->reason = reason_.empty() ? http::reason_phrase(status_) : std::string_view(reason_);
    return {};
  }

 private:
  int status_;
  std::string reason_;
};

Compiled<std::unique_ptr<Action>> read_status(ActionWords& words) {
  // Others say where the message ends (1xx, 204, 304), which is not for rules to change.
  const auto status = words.take_status(200, 599);
  if (!status) return std::unexpected(status.error());
  if (*status == 204 || *status == 304) return words.error("a response cannot be made one without a body");
  std::string reason;
  if (words.take_if("reason")) {
    auto text = words.take("the reason");
    if (!text) return std::unexpected(text.error());
    reason = std::move(*text);
  }
  return std::make_unique<SetStatus>(*status, std::move(reason));
}

class SetLogLevel final : public Action {
 public:
  explicit SetLogLevel(int level) : level_(level) {}
  Verdict run(Run& run) const override {
    if (run.overrides != nullptr) run.overrides->log_level = level_;
    return {};
  }

 private:
  int level_;
};

Compiled<std::unique_ptr<Action>> read_log_level(ActionWords& words) {
  constexpr std::string_view kLevels[] = {"emerg",   "alert",  "crit", "err",
                                          "warning", "notice", "info", "debug"};
  const auto name = words.take("a level, or silent");
  if (!name) return std::unexpected(name.error());
  if (*name == "silent") return std::make_unique<SetLogLevel>(Overrides::kSilent);
  for (std::size_t i = 0; i < std::size(kLevels); ++i) {
    if (kLevels[i] == *name) return std::make_unique<SetLogLevel>(static_cast<int>(i));
  }
  return words.error(
      "'" + *name +
      "' is no level (accepted: emerg, alert, crit, err, warning, notice, info, debug and silent)");
}

class SetTimeout final : public Action {
 public:
  SetTimeout(bool tunnel, expression::Expression milliseconds)
      : tunnel_(tunnel), milliseconds_(std::move(milliseconds)) {}
  Verdict run(Run& run) const override {
    auto value = milliseconds_.evaluate(run.context, run.arena);
    if (run.overrides == nullptr || !value ||
        !expression::convert(*value, expression::Type::kInteger, run.arena))
      return {};
    if (value->integer <= 0 || value->integer > kMostMilliseconds) return {};
    (tunnel_ ? run.overrides->tunnel_timeout : run.overrides->server_timeout) = Duration(value->integer);
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return milliseconds_.needs(); }

  static constexpr std::int64_t kMostMilliseconds = 0x7fffffff;

 private:
  bool tunnel_;
  expression::Expression milliseconds_;
};

/// "20s" as the expression that HAProxy's parser makes of it; anything else as it is.
std::string as_expression(const std::string& text) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"us", 0}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"", 1}};
  std::string_view rest = text;
  const auto before = rest.size();
  const std::int64_t number = expression::take_integer(rest);
  if (rest.size() == before) return text;
  for (const auto& [unit, factor] : kUnits) {
    if (unit == rest && number >= 0 && number <= SetTimeout::kMostMilliseconds)
      return "int(" + std::to_string(number * factor) + ")";
  }
  return text;
}

Compiled<std::unique_ptr<Action>> read_timeout(ActionWords& words) {
  const auto which = words.take("server or tunnel");
  if (!which) return std::unexpected(which.error());
  if (*which != "server" && *which != "tunnel")
    return words.error("'" + *which + "' is no timeout that a rule sets (accepted: server and tunnel)");
  const auto text = words.take("a time or an expression");
  if (!text) return std::unexpected(text.error());
  auto milliseconds = words.expression(as_expression(*text));
  if (!milliseconds) return std::unexpected(milliseconds.error());
  return std::make_unique<SetTimeout>(*which == "tunnel", std::move(*milliseconds));
}

constexpr ActionRow kRows[] = {
    {"set-log-level", kHttpRequest | kHttpResponse, read_log_level},
    {"set-status", kHttpResponse | kHttpAfterResponse, read_status},
    {"set-timeout", kHttpRequest, read_timeout},
};

}  // namespace

std::span<const ActionRow> setting_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
