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
    TimeoutName{"tarpit", &TimeoutsDraft::tarpit},
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
  if (name == "server-fin") {
    translator.notice_once(line, "'timeout " + name + "' has no effect");
    return;
  }
  translator.error(line, 1, "there is no 'timeout " + name + "'");
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
    KeywordHandler{"bind", read_bind},
    KeywordHandler{"server", read_server},
    KeywordHandler{"default-server", read_default_server},
    KeywordHandler{"default_backend", read_default_backend},
    KeywordHandler{"retries", read_retries},
    KeywordHandler{"maxconn", read_maxconn},
};

// ---- option

bool is_on(const Line& line) {
  return line.words.front().text != "no";
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

constexpr std::array kOptions = {
    KeywordHandler{"forwardfor", read_forwardfor},
    // A request that is tried again always goes to another server first.
    KeywordHandler{"redispatch", [](Translator&, const Line&) {}, true},
    KeywordHandler{"allbackups", [](Translator& t, const Line& line) { t.proxy->all_backups = is_on(line); },
                   true},
};

}  // namespace

KeywordTable proxy_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
