// Connections of clients and to servers: how many, how long they are kept, and what is tried again.
#include <algorithm>
#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/http/characters.h"
#include "lb/rules/header_edit.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostRetries = 100;
constexpr int kMostConnections = 1'000'000'000;

bool is_on(const Line& line) {
  return line.words.front().text != "no";
}

int read_number(Translator& translator, const Line& line, std::size_t word, int most, int otherwise) {
  const std::string text = translator.argument(line, word, "a number");
  translator.expect_end(line, word + 1);
  return text.empty() ? otherwise : translator.value_or(parse_number(text, 0, most), line, word, otherwise);
}

void read_maxconn(Translator& translator, const Line& line) {
  translator.proxy->clients.most = read_number(translator, line, 1, kMostConnections, 0);
}

void read_fullconn(Translator& translator, const Line& line) {
  translator.proxy->full_load = read_number(translator, line, 1, kMostConnections, 0);
}

/// `http-send-name-header NAME`
void read_name_field(Translator& translator, const Line& line) {
  const std::string name = translator.argument(line, 1, "the name of a field");
  translator.expect_end(line, 2);
  if (name.empty()) return;
  if (!http::all_chars(name, http::kTokenChar) || !rules::why_not_editable(name).empty()) {
    translator.error(
        line, 1, "'" + name + "' cannot tell a server its name: the name of a field of its own is expected");
    return;
  }
  translator.proxy->name_field = name;
}

/// `rate-limit sessions N`
void read_rate_limit(Translator& translator, const Line& line) {
  const std::string what = translator.argument(line, 1, "sessions");
  if (what != "sessions") {
    if (!what.empty()) translator.error(line, 1, "'rate-limit' only supports 'sessions'.");
    return;
  }
  translator.proxy->clients.most_a_second = read_number(translator, line, 2, kMostConnections, 0);
}

void read_retries(Translator& translator, const Line& line) {
  translator.proxy->retries = read_number(translator, line, 1, kMostRetries, 3);
}

/// One word of `retry-on`.
void read_retry_word(Translator& translator, const Line& line, std::size_t word, RetryOnDraft& retry) {
  const std::string& name = line.words[word].text;
  static constexpr std::array kStatuses = {401, 403, 404, 408, 425, 429, 500, 501, 502, 503, 504};
  if (name == "none") {
    if (line.words.size() > 2) translator.error(line, word, "'retry-on' 'none' keyword only usable alone");
  } else if (name == "conn-failure") {
    retry.connect_failure = true;
  } else if (name == "empty-response") {
    retry.empty_response = true;
  } else if (name == "junk-response") {
    retry.bad_response = true;
  } else if (name == "response-timeout") {
    retry.response_timeout = true;
  } else if (name == "0rtt-rejected") {
    // There is no early data to servers that could be rejected.
  } else if (name == "all-retryable-errors") {
    retry.connect_failure = retry.empty_response = retry.bad_response = retry.response_timeout = true;
    retry.statuses.insert(retry.statuses.end(), {500, 502, 503, 504});
  } else if (const auto status = parse_number(name, 100, 599);
             status && std::ranges::find(kStatuses, *status) != kStatuses.end()) {
    retry.statuses.push_back(*status);
  } else {
    translator.error(line, word, "unknown keyword '" + name + "' of 'retry-on'");
  }
}

void read_retry_on(Translator& translator, const Line& line) {
  (void)translator.argument(line, 1, "none, conn-failure, empty-response ...");
  RetryOnDraft& retry = translator.proxy->retry_on;
  retry = {};
  retry.connect_failure = false;
  for (std::size_t word = 1; word < line.words.size(); ++word) read_retry_word(translator, line, word, retry);
}

void read_reuse(Translator& translator, const Line& line) {
  const std::string how = translator.argument(line, 1, "never, safe, aggressive or always");
  static constexpr std::array<std::string_view, 4> kWays = {"never", "safe", "aggressive", "always"};
  if (!how.empty() && std::ranges::find(kWays, how) == kWays.end())
    translator.error(line, 1, "'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.");
  translator.proxy->never_reuses = how == "never";
  translator.expect_end(line, 2);
}

constexpr std::array kKeywords = {
    KeywordHandler{"fullconn", read_fullconn}, KeywordHandler{"http-send-name-header", read_name_field},
    KeywordHandler{"maxconn", read_maxconn},   KeywordHandler{"rate-limit", read_rate_limit},
    KeywordHandler{"retries", read_retries},   KeywordHandler{"retry-on", read_retry_on},
    KeywordHandler{"http-reuse", read_reuse},
};

// ---- option

/// `option redispatch [INTERVAL]`: -1, the default: with the last attempt.
void read_redispatch(Translator& translator, const Line& line) {
  int& redispatch = translator.proxy->redispatch;
  redispatch = is_on(line) ? -1 : 0;
  if (!is_on(line) || line.words.size() < 3) return;
  std::string_view text = line.words[2].text;
  const bool is_before_last = text.starts_with('-');
  if (is_before_last) text.remove_prefix(1);
  const int interval = translator.value_or(parse_number(text, 0, kMostRetries), line, 2, 1);
  redispatch = is_before_last ? -interval : interval;
  translator.expect_end(line, 3);
}

/// The three take each other's place; `no` takes back the one that it names.
void read_mode(Translator& translator, const Line& line, ConnectionMode mode) {
  ConnectionMode& current = translator.proxy->connection_mode;
  if (is_on(line)) {
    current = mode;
  } else if (current == mode) {
    current = ConnectionMode::kKeepAlive;
  }
}

constexpr std::array kOptions = {
    KeywordHandler{"redispatch", read_redispatch, true},
    KeywordHandler{"httpclose", [](Translator& t, const Line& l) { read_mode(t, l, ConnectionMode::kClose); },
                   true},
    KeywordHandler{"http-server-close",
                   [](Translator& t, const Line& l) { read_mode(t, l, ConnectionMode::kServerClose); }, true},
    KeywordHandler{"http-keep-alive",
                   [](Translator& t, const Line& l) { read_mode(t, l, ConnectionMode::kKeepAlive); }, true},
    KeywordHandler{"http-pretend-keepalive",
                   [](Translator& t, const Line& l) { t.proxy->servers_side.pretends_keep_alive = is_on(l); },
                   true},
    KeywordHandler{"clitcpka", [](Translator& t, const Line& l) { t.proxy->clients.sends_probes = is_on(l); },
                   true},
    KeywordHandler{"srvtcpka",
                   [](Translator& t, const Line& l) { t.proxy->servers_side.sends_probes = is_on(l); }, true},
    KeywordHandler{"tcpka",
                   [](Translator& t, const Line& l) {
                     t.proxy->clients.sends_probes = t.proxy->servers_side.sends_probes = is_on(l);
                   },
                   true},
};

}  // namespace

KeywordTable connection_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
