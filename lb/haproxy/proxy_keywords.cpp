#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/bind_line.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/server_line.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostRetries = 100;
constexpr int kMostConnections = 1'000'000'000;

void read_mode(Translator& translator, const Line& line) {
  const std::string mode = translator.argument(line, 1, "http or tcp");
  if (mode == "http" || mode == "tcp") {
    translator.proxy->mode = mode == "http" ? config::Mode::kHttp : config::Mode::kTcp;
  } else if (!mode.empty()) {
    translator.error(line, 1, "mode '" + mode + "': http or tcp is expected");
  }
  translator.expect_end(line, 2);
}

struct TimeoutName {
  std::string_view name;
  std::optional<Duration> TimeoutsDraft::* member;
};
constexpr std::array kTimeouts = {
    TimeoutName{"client", &TimeoutsDraft::client},
    TimeoutName{"server", &TimeoutsDraft::server},
    TimeoutName{"connect", &TimeoutsDraft::connect},
    TimeoutName{"check", &TimeoutsDraft::check},
    TimeoutName{"http-request", &TimeoutsDraft::http_request},
    TimeoutName{"http-keep-alive", &TimeoutsDraft::http_keep_alive},
    TimeoutName{"queue", &TimeoutsDraft::queue},
    TimeoutName{"tunnel", &TimeoutsDraft::tunnel},
    TimeoutName{"client-fin", &TimeoutsDraft::client_fin},
};

void read_timeout(Translator& translator, const Line& line) {
  const std::string name = translator.argument(line, 1, "client, server, connect ...");
  const std::string time = name.empty() ? "" : translator.argument(line, 2, "a time such as 30s");
  if (time.empty()) return;
  const auto parsed = parse_time(time);
  if (!parsed) {
    translator.error(line, 2, parsed.error());
    return;
  }
  translator.expect_end(line, 3);
  for (const TimeoutName& each : kTimeouts) {
    if (each.name == name) {
      std::optional<Duration>& timeout = translator.proxy->timeouts.*each.member;
      timeout.reset();  // 0 is none, whatever was handed down
      if (*parsed != Duration(0)) timeout = *parsed;
      return;
    }
  }
  if (name == "server-fin" || name == "tarpit") {
    translator.notice_once(line, "'timeout " + name + "' has no effect");
    return;
  }
  translator.error(line, 1, "there is no 'timeout " + name + "'");
}

void read_balance(Translator& translator, const Line& line) {
  const std::string how = translator.argument(line, 1, "roundrobin, leastconn, source, random or hdr(NAME)");
  config::Balance& balance = translator.proxy->balance;
  balance = {};
  translator.expect_end(line, 2);
  if (how == "roundrobin" || how == "static-rr" || how.empty()) {
    balance.kind = config::BalanceKind::kRoundRobin;
  } else if (how == "leastconn") {
    balance.kind = config::BalanceKind::kLeastConnections;
  } else if (how == "random" || how == "random(2)") {
    balance.kind = config::BalanceKind::kRandomOfTwo;
  } else if (how == "source") {
    balance.kind = config::BalanceKind::kHashSource;
  } else if (how.starts_with("hdr(") && how.ends_with(')')) {
    balance.kind = config::BalanceKind::kHashHeader;
    balance.header = lowered(std::string_view(how).substr(4, how.size() - 5));
    if (balance.header.empty()) translator.error(line, 1, "balance 'hdr()' names no field");
  } else {
    translator.error(
        line, 1,
        "balance '" + how +
            "' is not there yet: roundrobin, static-rr, leastconn, source, random and hdr(NAME) are");
  }
}

void read_default_backend(Translator& translator, const Line& line) {
  translator.proxy->default_backend = translator.argument(line, 1, "the name of a backend");
  translator.proxy->default_backend_place = translator.place_of(line, 1);
  translator.expect_end(line, 2);
}

void read_retries(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 1, "a number");
  if (!text.empty())
    translator.proxy->retries = translator.value_or(parse_number(text, 0, kMostRetries), line, 1, 3);
  translator.expect_end(line, 2);
}

/// `log global`, `no log`, or a target of its own, which is not there yet.
void read_log(Translator& translator, const Line& line) {
  if (line.words.front().text == "no") {
    translator.proxy->logs_globally = false;
    return;
  }
  const std::string target = translator.argument(line, 1, "global");
  if (target == "global") {
    translator.proxy->logs_globally = true;
    translator.expect_end(line, 2);
  } else if (!target.empty()) {
    translator.error(
        line, 1,
        "a log target of a proxy's own is not there yet: name it in 'global' and write 'log global'");
  }
}

/// "200", "200-399", "200,204".
void read_expected_status(Translator& translator, const Line& line, std::size_t word) {
  std::vector<std::pair<int, int>>& expected = translator.proxy->check.expect_status;
  expected.clear();
  std::string_view text = line.words[word].text;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    const std::size_t dash = one.find('-');
    const int first = translator.value_or(parse_number(one.substr(0, dash), 100, 599), line, word, 200);
    const int last =
        dash == std::string_view::npos
            ? first
            : translator.value_or(parse_number(one.substr(dash + 1), 100, 599), line, word, first);
    if (last < first)
      translator.error(line, word, "'" + std::string(one) + "': the first is to be the smaller");
    expected.emplace_back(first, last);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
}

void read_http_check(Translator& translator, const Line& line) {
  const bool expects_status =
      line.words.size() == 4 && line.words[1].text == "expect" && line.words[2].text == "status";
  if (expects_status) {
    read_expected_status(translator, line, 3);
  } else {
    translator.error(line, 1, "of 'http-check' only 'expect status CODES' is there yet");
  }
}

/// What stands in front of every site: `redirect scheme https [code N] [if !{ ssl_fc }]`.
void read_redirect(Translator& translator, const Line& line) {
  std::vector<std::string_view> rest;
  for (std::size_t i = 1; i < line.words.size(); ++i) rest.push_back(line.words[i].text);
  int code = 302;
  if (rest.size() >= 2 && rest[0] == "scheme" && rest[1] == "https") {
    rest.erase(rest.begin(), rest.begin() + 2);
    if (rest.size() >= 2 && rest[0] == "code") {
      code = parse_number(rest[1], 301, 308).value_or(0);
      rest.erase(rest.begin(), rest.begin() + 2);
    }
    const bool unless_tls = rest == std::vector<std::string_view>{"if", "!{", "ssl_fc", "}"} ||
                            rest == std::vector<std::string_view>{"unless", "{", "ssl_fc", "}"};
    const bool is_code = code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
    if (is_code && (rest.empty() || unless_tls) && translator.proxy->is_frontend) {
      translator.proxy->redirects_to_https = true;
      if (rest.empty()) translator.proxy->redirects_always = true;
      if (code != 308)
        translator.notice(line,
                          "the redirect is sent with status 308, which keeps the method of the request");
      return;
    }
  }
  translator.error(line, 0,
                   "of redirects only 'redirect scheme https' of a frontend is there yet, alone or with "
                   "'code' 301, 302, 303, "
                   "307 or 308 and 'if !{ ssl_fc }'");
}

void read_maxconn(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 1, "a number");
  if (text.empty()) return;
  (void)translator.value_or(parse_number(text, 0, kMostConnections), line, 1, 0);
  translator.expect_end(line, 2);
  translator.notice_once(line, "a maxconn of its own has no effect: the one of the process holds");
}

constexpr std::array kKeywords = {
    KeywordHandler{"mode", read_mode},
    KeywordHandler{"timeout", read_timeout},
    KeywordHandler{"balance", read_balance},
    KeywordHandler{"bind", read_bind},
    KeywordHandler{"server", read_server},
    KeywordHandler{"default-server", read_default_server},
    KeywordHandler{"default_backend", read_default_backend},
    KeywordHandler{"retries", read_retries},
    KeywordHandler{"log", read_log},
    KeywordHandler{"http-check", read_http_check},
    KeywordHandler{"redirect", read_redirect},
    KeywordHandler{"maxconn", read_maxconn},
};

// ---- option

bool is_on(const Line& line) {
  return line.words.front().text != "no";
}

/// `option httpchk [METHOD] [URI] [VERSION]`; nothing of one that was handed down is left.
void read_httpchk(Translator& translator, const Line& line) {
  CheckDraft fresh;
  fresh.is_http = true;
  fresh.expect_status = translator.proxy->check.expect_status;
  CheckDraft& check = translator.proxy->check = fresh;
  const auto word = [&](std::size_t number) {
    return line.words.size() > number ? line.words[number].text : "";
  };
  if (line.words.size() == 3) {
    check.path = word(2);
  } else if (line.words.size() > 3) {
    check.method = word(2);
    check.path = word(3);
  }
  translator.expect_end(line, 5);
  // The version may have one field behind it: "HTTP/1.1\r\nHost: www".
  std::string_view version = line.words.size() > 4 ? std::string_view(line.words[4].text) : "";
  const std::size_t end = version.find('\r');
  if (end == std::string_view::npos) return;
  constexpr std::string_view kHost = "\r\nhost:";
  const std::string_view field = version.substr(end);
  const bool is_host = lowered(field).starts_with(kHost) && field.find('\r', 1) == std::string_view::npos;
  if (is_host) {
    check.host = std::string(trim_blanks(field.substr(kHost.size())));
  } else {
    translator.error(line, 4, "of the fields of a check's request only Host is there yet");
  }
}

void read_forwardfor(Translator& translator, const Line& line) {
  const ProxyDraft& proxy = *translator.proxy;
  if (proxy.is_backend && !proxy.is_frontend) {
    translator.error(
        line, 1,
        "'option forwardfor' of a backend is not there yet: say it in the frontends that lead there");
  }
  if (line.words.size() > 2) translator.error(line, 2, "'option forwardfor' with arguments is not there yet");
  translator.proxy->forwardfor = true;
}

/// `option httplog clf` is another format, and not there yet.
void read_log_format(Translator& translator, const Line& line, const char* format) {
  translator.proxy->log_format = format;
  translator.expect_end(line, 2);
}

constexpr std::array kOptions = {
    KeywordHandler{"httpchk", read_httpchk},
    KeywordHandler{"tcp-check",
                   [](Translator& t, const Line& line) {
                     t.proxy->check.is_http = false;  // the last one said holds
                     t.expect_end(line, 2);
                   }},
    KeywordHandler{"forwardfor", read_forwardfor},
    KeywordHandler{"httplog", [](Translator& t, const Line& line) { read_log_format(t, line, "httplog"); }},
    KeywordHandler{"tcplog", [](Translator& t, const Line& line) { read_log_format(t, line, "tcplog"); }},
    // A request that is tried again always goes to another server first.
    KeywordHandler{"redispatch", [](Translator&, const Line&) {}, true},
    KeywordHandler{"allbackups", [](Translator& t, const Line& line) { t.proxy->all_backups = is_on(line); },
                   true},
};

}  // namespace

std::span<const KeywordHandler> proxy_keywords() {
  return kKeywords;
}
std::span<const KeywordHandler> proxy_options() {
  return kOptions;
}

}  // namespace reseal::haproxy
