#include "health/expectation.h"

#include <fmt/format.h>

#include <algorithm>

#include "health/answer_protocols.h"
#include "lb/base/log.h"
#include "lb/base/text.h"

namespace reseal::health {
namespace {

using config::CheckStatus;
using config::ExpectKind;
using config::TextMatchKind;
using rules::expression::Regex;
using Outcome = Judgement::Outcome;

std::string ranges_text(const std::vector<std::pair<int, int>>& ranges) {
  std::string text;
  for (const auto& [low, high] : ranges) {
    text += text.empty() ? "" : ",";
    text += low == high ? std::to_string(low) : fmt::format("{}-{}", low, high);
  }
  return text;
}

std::string in_hexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

/// The line that begins there, without what cannot be shown.
std::string line_from(std::string_view bytes, int from) {
  constexpr std::size_t kMostShown = 256;
  if (static_cast<std::size_t>(from) >= bytes.size()) return "";
  bytes.remove_prefix(static_cast<std::size_t>(from));
  constexpr std::string_view kEnds("\r\n\0", 3);
  bytes = bytes.substr(0, std::min(bytes.find_first_of(kEnds), kMostShown));
  while (bytes.starts_with(' ')) bytes.remove_prefix(1);
  return escaped(bytes);
}

std::string told(const config::CheckInfo& info, std::string_view bytes) {
  return info.answer_from < 0 ? info.text : line_from(bytes, info.answer_from);
}

// ---- matching

bool matches(const config::TextMatch& match, const Regex* regex, std::string_view text) {
  switch (match.kind) {
    case TextMatchKind::kExact:
      return text == match.text;
    case TextMatchKind::kPrefix:
      return text.starts_with(match.text);
    case TextMatchKind::kSuffix:
      return text.ends_with(match.text);
    case TextMatchKind::kPart:
      return text.find(match.text) != std::string_view::npos;
    case TextMatchKind::kRegex:
      return regex->is_in(text);
  }
  return false;
}

/// Names of fields are the same whatever their case.
bool name_matches(const PlannedExpect& expect, std::string_view name) {
  config::TextMatch match = expect.settings.field;
  if (match.kind == TextMatchKind::kRegex) return expect.field_regex->is_in(name);
  match.text = lowered(match.text);
  return matches(match, nullptr, lowered(name));
}

/// The value as one, or one of the parts between its commas.
bool value_matches(const PlannedExpect& expect, std::string_view value) {
  if (!expect.settings.value) return true;
  const auto fits = [&](std::string_view part) {
    return matches(*expect.settings.value, expect.value_regex.get(), part);
  };
  if (expect.settings.whole_value) return fits(value);
  for (;;) {
    const std::size_t comma = std::min(value.find(','), value.size());
    if (fits(trim_blanks(value.substr(0, comma)))) return true;
    if (comma == value.size()) return false;
    value.remove_prefix(comma + 1);
  }
}

bool is_matched(const PlannedExpect& expect, const Answer& answer) {
  const config::CheckExpect& settings = expect.settings;
  switch (settings.kind) {
    case ExpectKind::kStatus:
      return std::ranges::any_of(settings.statuses, [&](const auto& range) {
        return answer.head->status >= range.first && answer.head->status <= range.second;
      });
    case ExpectKind::kStatusRegex:
      return expect.regex->is_in(std::to_string(answer.head->status));
    case ExpectKind::kField:
      return std::ranges::any_of(answer.head->fields, [&](const http::Field& field) {
        return name_matches(expect, field.name) && value_matches(expect, field.value);
      });
    case ExpectKind::kBodyPart:
    case ExpectKind::kPart:
    case ExpectKind::kBinary:
      return answer.bytes.find(settings.pattern) != std::string_view::npos;
    case ExpectKind::kBodyRegex:
    case ExpectKind::kRegex:
      return expect.regex->is_in(answer.bytes);
    case ExpectKind::kBinaryRegex:
      return expect.regex->is_in(in_hexadecimal(answer.bytes));
    case ExpectKind::kMysqlGreeting:
    case ExpectKind::kMysqlOk:
    case ExpectKind::kLdapBind:
      break;
  }
  return false;
}

bool is_of_http(ExpectKind kind) {
  return kind <= ExpectKind::kBodyRegex;
}
bool is_of_head(ExpectKind kind) {
  return kind <= ExpectKind::kField;
}

// ---- words

/// "content '+PONG'", "content (regex)".
std::string content_text(const config::CheckExpect& expect) {
  switch (expect.kind) {
    case ExpectKind::kPart:
      return "content '" + expect.pattern + "'";
    case ExpectKind::kRegex:
      return "content (regex)";
    case ExpectKind::kBinary:
      return "content (binary)";
    case ExpectKind::kBinaryRegex:
      return "content (binary regex)";
    default:
      return "content";
  }
}

std::string failure_info(const PlannedStep& step, const PlannedExpect& expect, const Answer& answer) {
  const config::CheckExpect& settings = expect.settings;
  std::string info = told(settings.on_error, answer.bytes);
  const bool is_told = !settings.on_error.text.empty() || settings.on_error.answer_from >= 0;
  if (is_told) return info;
  if (is_of_head(settings.kind)) return escaped(answer.head->reason);
  if (is_of_http(settings.kind)) {
    if (answer.bytes.empty()) return "HTTP content check could not find a response body";
    return settings.negated ? "HTTP check matched unwanted content" : "HTTP content check did not match";
  }
  return fmt::format("TCPCHK {} {} at step {}", settings.negated ? "matched unwanted" : "did not match",
                     content_text(settings), step.number);
}

/// In reseal's own words.
std::string reason_text(const PlannedExpect& expect, const Answer& answer, bool passed) {
  const config::CheckExpect& settings = expect.settings;
  const std::string saw = answer.head != nullptr ? fmt::format("HTTP {}", answer.head->status) : "answered";
  if (passed) return saw;
  const char* not_wanted = settings.negated ? "expected none of " : "expected ";
  if (settings.kind == ExpectKind::kStatus) {
    return fmt::format("{}, {}{}", saw, not_wanted, ranges_text(settings.statuses));
  }
  const std::string pattern = settings.kind == ExpectKind::kField ? settings.field.text : settings.pattern;
  return fmt::format("{}, but {} has {}'{}'", saw,
                     settings.kind == ExpectKind::kStatusRegex ? "the status"
                     : settings.kind == ExpectKind::kField     ? "its head"
                     : answer.head != nullptr                  ? "its body"
                                                               : "what it said",
                     settings.negated ? "" : "no ", escaped(pattern));
}

void add_comment(const PlannedStep& step, std::string& info) {
  if (!step.comment.empty()) info += " comment: " + step.comment;
}

std::optional<int> code_of(const config::CheckExpect& settings, CheckStatus status, const Answer& answer) {
  if (!config::has_code(status)) return std::nullopt;
  if (answer.head != nullptr) return answer.head->status;
  if (!settings.code_in_answer) return 0;
  return static_cast<int>(parse_decimal(answer.bytes.substr(0, 3)).value_or(0));
}

Judgement failed(const PlannedStep& step, const PlannedExpect& expect, const Answer& answer) {
  Judgement judgement{Outcome::kFailed, expect.settings.error,
                      code_of(expect.settings, expect.settings.error, answer),
                      failure_info(step, expect, answer), reason_text(expect, answer, false)};
  add_comment(step, judgement.info);
  return judgement;
}

Judgement passed(const PlannedExpect& expect, const Answer& answer) {
  const CheckStatus status = expect.settings.ok;
  return {Outcome::kPassed, status, code_of(expect.settings, status, answer),
          told(expect.settings.on_success, answer.bytes), reason_text(expect, answer, true)};
}

Judgement judge_http(const PlannedStep& step, const PlannedExpect& expect, const Answer& answer) {
  if (answer.head == nullptr) return {};
  const bool matched = is_matched(expect, answer);
  // The absence of something is known only once all of it is there.
  if (!matched && !is_of_head(expect.settings.kind) && !answer.is_complete) return {};
  return matched != expect.settings.negated ? passed(expect, answer) : failed(step, expect, answer);
}

Judgement judge_bytes(const PlannedStep& step, const PlannedExpect& expect, const Answer& answer) {
  const config::CheckExpect& settings = expect.settings;
  if (answer.bytes.empty()) {
    if (!answer.is_complete) return {};
    Judgement empty = failed(step, expect, answer);
    empty.info = fmt::format("TCPCHK got an empty response at step {}", step.number);
    if (!step.comment.empty()) empty.info += fmt::format(" comment: '{}'", step.comment);
    empty.reason = "the server closed the connection without an answer";
    return empty;
  }
  const bool has_least =
      settings.least_bytes < 0 || answer.bytes.size() >= static_cast<std::size_t>(settings.least_bytes);
  if (!has_least && !answer.is_complete) return {};
  const bool matched = is_matched(expect, answer);
  if (!matched && !answer.is_complete && settings.least_bytes < 0) return {};
  return matched != settings.negated ? passed(expect, answer) : failed(step, expect, answer);
}

}  // namespace

Judgement judge(const PlannedStep& step, const Answer& answer) {
  const auto& expect = std::get<PlannedExpect>(step.what);
  switch (expect.settings.kind) {
    case ExpectKind::kMysqlGreeting:
    case ExpectKind::kMysqlOk:
      return judge_mysql(answer, expect.settings.kind == ExpectKind::kMysqlGreeting);
    case ExpectKind::kLdapBind:
      return judge_ldap(answer);
    default:
      return is_of_http(expect.settings.kind) ? judge_http(step, expect, answer)
                                              : judge_bytes(step, expect, answer);
  }
}

std::string describe_step(const PlannedStep& step) {
  if (const auto* connect = std::get_if<PlannedConnect>(&step.what)) {
    return connect->told_port != 0 ? fmt::format("connect port {}", connect->told_port) : "connect";
  }
  if (const auto* expect = std::get_if<PlannedExpect>(&step.what)) {
    switch (expect->settings.kind) {
      case ExpectKind::kPart:
        return fmt::format("expect string '{}'", expect->settings.pattern);
      case ExpectKind::kRegex:
        return "expect regex";
      case ExpectKind::kBinary:
        return fmt::format("expect binary '{}'", escaped(expect->settings.pattern));
      case ExpectKind::kBinaryRegex:
        return "expect binary regex";
      default:
        return "expect";
    }
  }
  return "send";
}

}  // namespace reseal::health
