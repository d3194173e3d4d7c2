// What is kept of messages for the log: fields by name, and slots that rules put something in.
#include "lb/haproxy/capture_keywords.h"

#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostCaptured = 65535;

/// `len N` at the end of a capture.
std::optional<std::uint32_t> read_length(Translator& translator, const Line& line, std::size_t word) {
  if (word + 1 >= line.words.size() || line.words[word].text != "len") {
    translator.error(line, word, "'len' and a number of bytes are expected");
    return std::nullopt;
  }
  translator.expect_end(line, word + 2);
  const auto length = parse_number(line.words[word + 1].text, 0, kMostCaptured);
  if (length) return static_cast<std::uint32_t>(*length);
  translator.error(line, word + 1, length.error());
  return std::nullopt;
}

/// `capture cookie NAME len N`, `capture request|response header NAME len N`
void read_capture(Translator& translator, const Line& line) {
  ProxyDraft& proxy = *translator.proxy;
  const std::string what = translator.argument(line, 1, "cookie, request or response");
  if (what.empty()) return;
  const bool is_cookie = what == "cookie";
  const bool is_field =
      (what == "request" || what == "response") && line.words.size() > 3 && line.words[2].text == "header";
  if (!is_cookie && !is_field) {
    translator.error(
        line, 1,
        "'cookie NAME len N', 'request header NAME len N' or 'response header NAME len N' is expected");
    return;
  }
  const std::size_t name = is_cookie ? 2 : 3;
  const std::string text = translator.argument(line, name, "a name");
  const auto length = read_length(translator, line, name + 1);
  if (!length || text.empty()) return;
  if (!proxy.is_frontend) {
    translator.notice(line, "'capture' of what is no frontend has no effect");
    return;
  }
  config::LogCaptures& captures = proxy.log.captures;
  if (is_cookie) {
    captures.cookie = {text, *length};
  } else {
    (what == "request" ? captures.request_fields : captures.response_fields).push_back({text, *length});
  }
}

/// `declare capture request|response len N`: a slot that rules put something in.
void read_declare(Translator& translator, const Line& line) {
  const std::string what = translator.argument(line, 2, "request or response");
  if (what.empty()) return;
  if (line.words[1].text != "capture" || (what != "request" && what != "response")) {
    translator.error(line, 1,
                     "'declare capture request len N' or 'declare capture response len N' is expected");
    return;
  }
  const auto length = read_length(translator, line, 3);
  if (!length) return;
  if (!translator.proxy->is_frontend) {
    translator.error(line, 0, "'declare capture' is only allowed in a frontend");
    return;
  }
  config::LogCaptures& captures = translator.proxy->log.captures;
  (what == "request" ? captures.request_fields : captures.response_fields).push_back({"", *length});
}

constexpr std::array kKeywords = {
    KeywordHandler{"capture", read_capture},
    KeywordHandler{"declare", read_declare},
};

}  // namespace

KeywordTable capture_keywords() {
  return {kKeywords, {}};
}

bool finish_capture(Translator& translator, const Line& line, bool of_response, config::RuleLine& rule) {
  if (rule.words.size() < 4) return true;  // told where the rule is compiled
  const std::size_t at = line.words.size() - rule.words.size() + 3;
  ProxyDraft& proxy = *translator.proxy;
  auto& slots = of_response ? proxy.log.captures.response_fields : proxy.log.captures.request_fields;
  if (rule.words[2] == "len") {
    const auto length = parse_number(rule.words[3], 1, kMostCaptured);
    if (!length || !proxy.is_frontend || of_response) {
      translator.error(
          line, at,
          !length ? length.error()
          : of_response
              ? "'capture' of a response needs 'id' and the number of a declared capture"
              : "'len' is only allowed in a frontend; use 'id' and the number of a declared capture");
      return false;
    }
    rule.words[2] = "id";
    rule.words[3] = std::to_string(slots.size());
    slots.push_back({"", static_cast<std::uint32_t>(*length)});
    return true;
  }
  return true;
}

void check_captures(Translator& translator, const ProxyDraft& draft, const Line& line) {
  if (!draft.is_frontend) return;
  const auto check = [&](const std::vector<config::RuleLine>& rules, std::size_t slots) {
    for (const config::RuleLine& rule : rules) {
      if (rule.words.size() < 4 || rule.words[0] != "capture" || rule.words[2] != "id") continue;
      if (const auto slot = parse_decimal(rule.words[3]); slot && *slot >= slots)
        translator.error(line, 0, "unable to find capture id '" + rule.words[3] + "' referenced by a rule");
    }
  };
  const config::LogCaptures& captures = draft.log.captures;
  check(draft.rules.tcp_content, captures.request_fields.size());
  check(draft.rules.http_request, captures.request_fields.size());
  check(draft.rules.http_response, captures.response_fields.size());
  check(draft.rules.http_after_response, captures.response_fields.size());
}

}  // namespace reseal::haproxy
