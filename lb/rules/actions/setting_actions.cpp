// What rules say about a request beside its fields: time limits, its line in the log, the status of a response.
#include <algorithm>

#include "lb/base/text.h"
#include "lb/http/message.h"
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/request_body.h"

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

/// "20s"; nothing for what is no time.
std::optional<std::int64_t> milliseconds_of(std::string_view text) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"us", 0}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"", 1}};
  std::string_view rest = text;
  const auto before = rest.size();
  const std::int64_t number = expression::take_integer(rest);
  if (rest.size() == before) return std::nullopt;
  for (const auto& [unit, factor] : kUnits) {
    if (unit == rest && number >= 0 && number <= SetTimeout::kMostMilliseconds) return number * factor;
  }
  return std::nullopt;
}

/// A time as the expression that HAProxy's parser makes of it; anything else as it is.
std::string as_expression(const std::string& text) {
  const auto milliseconds = milliseconds_of(text);
  return milliseconds ? "int(" + std::to_string(*milliseconds) + ")" : text;
}

Compiled<std::unique_ptr<Action>> read_timeout(ActionWords& words) {
  const auto which = words.take("server or tunnel");
  if (!which) return std::unexpected(which.error());
  if (*which != "server" && *which != "tunnel")
    return words.error("'" + *which + "' is no timeout that a rule sets (accepted: server and tunnel)");
  const auto text = words.take("a time or an expression");
  if (!text) return std::unexpected(text.error());
  if (milliseconds_of(*text) == 0) return words.error("a timeout of 0 would end every request at once");
  auto milliseconds = words.expression(as_expression(*text));
  if (!milliseconds) return std::unexpected(milliseconds.error());
  return std::make_unique<SetTimeout>(*which == "tunnel", std::move(*milliseconds));
}

// ---- set-priority-class, set-priority-offset

class SetPriority final : public Action {
 public:
  SetPriority(std::int64_t Overrides::* what, std::int64_t most, expression::Expression value)
      : what_(what), most_(most), value_(std::move(value)) {}
  Verdict run(Run& run) const override {
    auto value = value_.evaluate(run.context, run.arena);
    if (run.overrides == nullptr || !value ||
        !expression::convert(*value, expression::Type::kInteger, run.arena))
      return {};
    run.overrides->*what_ = std::clamp(value->integer, -most_, most_);
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  std::int64_t Overrides::* what_;
  std::int64_t most_;
  expression::Expression value_;
};

template <std::int64_t Overrides::* kWhat, std::int64_t kMost>
Compiled<std::unique_ptr<Action>> read_priority(ActionWords& words) {
  auto value = words.take_rest_as_expression("an expression");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<SetPriority>(kWhat, kMost, std::move(*value));
}

// ---- wait-for-body

class WaitForBody final : public Action {
 public:
  explicit WaitForBody(BodyWish wish) : wish_(wish) {}
  Verdict run(Run& run) const override {
    const expression::RequestBody* body = run.context.body;
    if (body == nullptr || body->is_enough(wish_.at_least)) return {};
    Verdict verdict{Verdict::Kind::kWait};
    verdict.body = wish_;
    return verdict;
  }

 private:
  BodyWish wish_;
};

/// "16k".
std::optional<std::uint64_t> bytes_of(std::string_view text) {
  std::uint64_t factor = 1;
  if (text.ends_with('k')) factor = 1024;
  if (text.ends_with('m')) factor = std::uint64_t{1024} * 1024;
  if (factor != 1) text.remove_suffix(1);
  const auto number = parse_decimal(text);
  constexpr std::uint64_t kMost = 0x7fffffff;
  if (!number || *number > kMost) return std::nullopt;
  return *number * factor;
}

Compiled<std::unique_ptr<Action>> read_wait(ActionWords& words) {
  BodyWish wish;
  while (!words.at_end()) {
    const bool is_time = words.take_if("time");
    if (!is_time && !words.take_if("at-least"))
      return words.unexpected_word("time, at-least and a condition");
    const auto text = words.take(is_time ? "a time" : "a number of bytes");
    if (!text) return std::unexpected(text.error());
    if (is_time) {
      const auto milliseconds = milliseconds_of(*text);
      if (!milliseconds) return words.error("'" + *text + "' is no time (2s, 500ms)");
      wish.time = Duration(*milliseconds);
    } else {
      const auto bytes = bytes_of(*text);
      if (!bytes) return words.error("'" + *text + "' is no number of bytes");
      wish.at_least = *bytes;
    }
  }
  if (!wish.time) return words.error("'wait-for-body' needs time: wait-for-body time 2s");
  return std::make_unique<WaitForBody>(wish);
}

constexpr ActionRow kRows[] = {
    {"set-log-level", kTcpContent | kTcpResponse | kHttpRequest | kHttpResponse, read_log_level},
    {"set-priority-class", kTcpContent | kHttpRequest,
     read_priority<&Overrides::priority_class, Overrides::kMostClass>},
    {"set-priority-offset", kTcpContent | kHttpRequest,
     read_priority<&Overrides::priority_offset, Overrides::kMostOffset>},
    {"set-status", kHttpResponse | kHttpAfterResponse, read_status},
    {"set-timeout", kHttpRequest, read_timeout},
    {"wait-for-body", kHttpRequest, read_wait},
};

}  // namespace

std::span<const ActionRow> setting_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
