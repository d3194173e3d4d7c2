#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/bind_line.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/server_line.h"
#include "lb/haproxy/values.h"

namespace reseal::haproxy {
namespace {

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
    TimeoutName{"server-fin", &TimeoutsDraft::server_fin},
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
  translator.error(line, 1, "there is no 'timeout " + name + "'");
}

void read_default_backend(Translator& translator, const Line& line) {
  translator.proxy->default_backend = translator.argument(line, 1, "the name of a backend");
  translator.proxy->default_backend_place = translator.place_of(line, 1);
  translator.expect_end(line, 2);
}

/// `source ADDRESS[:PORT]`: where connections to those servers begin that do not say it themselves.
void read_source(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 1, "an address");
  if (text.empty()) return;
  const auto where = translator.value_or(parse_source_address(text), line, 1, ServerAddress{});
  translator.proxy->default_server.rest.source = where.host;
  translator.proxy->default_server.rest.source_port = where.port;
  if (line.words.size() > 2 && (line.words[2].text == "usesrc" || line.words[2].text == "interface")) {
    translator.error(
        line, 2,
        "'" + line.words[2].text +
            "' is not there: it needs rights that reseal does not ask for; 'source ADDRESS' is there");
    return;
  }
  translator.expect_end(line, 2);
}

constexpr std::array kKeywords = {
    KeywordHandler{"disabled", [](Translator& t, const Line&) { t.proxy->disabled = true; }},
    KeywordHandler{"enabled", [](Translator& t, const Line&) { t.proxy->disabled = false; }},
    KeywordHandler{"source", read_source},
    KeywordHandler{"mode", read_mode},
    KeywordHandler{"timeout", read_timeout},
    KeywordHandler{"bind", read_bind},
    KeywordHandler{"server", read_server},
    KeywordHandler{"server-template", read_server_template},
    KeywordHandler{"default-server", read_default_server},
    KeywordHandler{"default_backend", read_default_backend},
};

// ---- option

bool is_on(const Line& line) {
  return line.words.front().text != "no";
}

constexpr std::array kOptions = {
    KeywordHandler{"allbackups", [](Translator& t, const Line& line) { t.proxy->all_backups = is_on(line); },
                   true},
};

}  // namespace

KeywordTable proxy_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
