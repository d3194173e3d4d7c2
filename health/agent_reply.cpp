#include "health/agent_reply.h"

#include <algorithm>

#include "lb/base/text.h"

namespace reseal::health {
namespace {

constexpr std::size_t kMostText = 200;
constexpr std::uint64_t kMostPercent = 100'000;
constexpr std::uint64_t kMostRequests = 1'000'000;

std::string shown(std::string_view text) {
  std::string out(text.substr(0, kMostText));
  std::ranges::replace_if(
      out,
      [](char c) { return static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f; },
      '?');
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_word(std::string_view text, std::string_view word) {
  return equals_ignoring_case(text, word);
}

void take_percent(std::string_view word, AgentReply& reply) {
  const auto number = parse_decimal(word.substr(0, word.size() - 1));
  if (number && *number <= kMostPercent) {
    reply.percent = static_cast<std::uint32_t>(*number);
  } else {
    reply.warning = "Trailing garbage in weight string";
  }
}

void take_limit(std::string_view value, AgentReply& reply) {
  const auto number = parse_decimal(value);
  if (number && *number <= kMostRequests) {
    reply.max_requests = static_cast<std::uint32_t>(*number);
  } else {
    reply.warning = "maxconn string empty or preceded by garbage";
  }
}

void take_word(std::string_view word, AgentReply& reply) {
  constexpr std::string_view kLimit = "maxconn:";
  const bool says_up = is_word(word, "up");
  if (says_up || is_word(word, "down") || is_word(word, "fail") || is_word(word, "stopped")) {
    reply.up = says_up;
    reply.word = word;
  } else if (is_word(word, "ready")) {
    reply.order = AgentOrder::kReady;
  } else if (is_word(word, "drain")) {
    reply.order = AgentOrder::kDrain;
  } else if (is_word(word, "maint")) {
    reply.order = AgentOrder::kMaintenance;
  } else if (is_digit(word.front()) && word.back() == '%') {
    take_percent(word, reply);
  } else if (word.size() >= kLimit.size() && is_word(word.substr(0, kLimit.size()), kLimit)) {
    take_limit(word.substr(kLimit.size()), reply);
  } else if (!reply.has_unknown) {
    reply.has_unknown = true;
    reply.text = shown(word);
  }
}

}  // namespace

std::string AgentReply::told() const {
  if (up) return "via agent : " + word + (text.empty() ? "" : " (" + text + ")");
  if (has_unknown) return "agent reports an error : " + text;
  return warning.empty() ? "" : "agent warns : " + warning;
}

std::optional<AgentReply> parse_agent_reply(std::string_view input, bool is_all) {
  constexpr std::string_view kBlanks = " \t,";
  const std::size_t end = input.find_first_of("\r\n");
  if (end == std::string_view::npos && !is_all && input.size() < kMostAgentReply) return std::nullopt;
  std::string_view line = input.substr(0, end);
  AgentReply reply;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) return reply;
    if (line.front() == '#') {
      reply.text = shown(trimmed(line.substr(1)));
      reply.has_unknown = false;
      return reply;
    }
    const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
    line.remove_prefix(word.size());
    take_word(word, reply);
  }
}

}  // namespace reseal::health
