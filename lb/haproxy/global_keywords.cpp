#include <algorithm>
#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/stats_socket.h"
#include "lb/haproxy/tls_words.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostThreads = 256;
constexpr int kMostConnections = 100'000'000;
constexpr std::array<std::string_view, 24> kFacilities = {
    "kern",   "user",   "mail",   "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "auth2",  "ftp",    "ntp",    "audit",  "alert",  "cron2",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};

template <int GlobalDraft::* kMember, int kLeast, int kMost>
void read_number(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 1, "a number");
  if (!text.empty())
    translator.global.*kMember = translator.value_or(parse_number(text, kLeast, kMost), line, 1, 0);
  translator.expect_end(line, 2);
}

template <std::string GlobalDraft::* kMember>
void read_text(Translator& translator, const Line& line) {
  translator.global.*kMember = translator.argument(line, 1, "a value");
  translator.expect_end(line, 2);
}

/// The severities of RFC 5424, most severe first.
constexpr std::array<std::string_view, 8> kLevels = {"emerg",   "alert",  "crit", "err",
                                                     "warning", "notice", "info", "debug"};
constexpr std::size_t kInfo = 6;  // that of a line of the access log

/// Whether access lines get through `LEVEL [MIN]` behind the facility.
bool takes_access_lines(Translator& translator, const Line& line, std::size_t word) {
  translator.expect_end(line, word + 2);
  bool takes = true;
  for (std::size_t at = word; at < line.words.size() && at < word + 2; ++at) {
    const auto level = std::ranges::find(kLevels, line.words[at].text);
    if (level == kLevels.end()) {
      translator.error(line, at,
                       "'" + line.words[at].text +
                           "' is no level: emerg, alert, crit, err, warning, notice, info and debug are");
    } else if (at == word) {
      takes = static_cast<std::size_t>(level - kLevels.begin()) >= kInfo;
    }
  }
  if (!takes)
    translator.notice(line, "this target gets nothing yet: lines of the access log are of level info");
  return takes;
}

/// `log TARGET [len N] [format F] FACILITY [LEVEL [MIN]]`; format and length are those of the target.
void read_log(Translator& translator, const Line& line) {
  const std::string target = translator.argument(line, 1, "an address, a path, stdout or stderr");
  if (target.empty()) return;
  config::AccessLog log;
  log.place = translator.place_of(line, 1);
  log.tag = "haproxy";
  if (target == "stdout" || target == "stderr") {
    log.target = target == "stdout" ? config::AccessLogTarget::kStdout : config::AccessLogTarget::kStderr;
  } else if (target.starts_with('/')) {
    log.target = config::AccessLogTarget::kSyslogUnix;
    log.path = target;
  } else {
    log.target = config::AccessLogTarget::kSyslogUdp;
    const auto address = translator.value_or(parse_server_address(target), line, 1, ServerAddress{});
    log.host = address.host;
    if (address.port != 0) log.port = address.port;
  }
  std::size_t word = 2;
  while (word + 1 < line.words.size() &&
         (line.words[word].text == "len" || line.words[word].text == "format" ||
          line.words[word].text == "sample")) {
    if (line.words[word].text == "sample") translator.error(line, word, "'sample' of 'log' is not there yet");
    word += 2;
  }
  const std::string facility = translator.argument(line, word, "a facility such as local0");
  for (std::size_t i = 0; i < kFacilities.size(); ++i) {
    if (facility != kFacilities[i]) continue;
    log.facility = static_cast<int>(i);
    if (takes_access_lines(translator, line, word + 1)) translator.global.logs.push_back(log);
    return;
  }
  if (!facility.empty())
    translator.error(line, word, "'" + facility + "' is no facility: local0 and the like are");
}

/// Of `bind` or of `server` lines.
template <TlsVersions GlobalDraft::* kMember>
void read_tls_options(Translator& translator, const Line& line) {
  TlsVersions& versions = translator.global.*kMember;
  for (std::size_t word = 1; word < line.words.size(); ++word) {
    const std::string& name = line.words[word].text;
    if (name == "ssl-min-ver") {
      versions.least = tls_version(translator, line, ++word);
    } else if (name == "ssl-max-ver") {
      versions.most = tls_version(translator, line, ++word);
    } else if (name == "no-tls-tickets") {
      versions.tickets = false;
    } else if (name == "prefer-client-ciphers") {
      translator.notice_once(line, "'" + name + "' among the defaults has no effect");
    } else if (!read_version_word(translator, line, word, versions.least, versions.most)) {
      translator.error(line, word, "'" + name + "' of '" + line.words.front().text + "' is not there yet");
    }
  }
}

void read_hard_stop(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 1, "a time");
  if (!text.empty())
    translator.global.hard_stop_after = translator.value_or(parse_time(text), line, 1, Duration(0));
  translator.expect_end(line, 2);
}

/// All its words are one text.
void read_description(Translator& translator, const Line& line) {
  std::string& text = translator.global.description;
  text = translator.argument(line, 1, "a text");
  for (std::size_t word = 2; word < line.words.size(); ++word) text += " " + line.words[word].text;
}

/// The reader of sections has obeyed these already.
void read_nothing(Translator&, const Line&) {}

constexpr std::array kKeywords = {
    KeywordHandler{"maxconn", read_number<&GlobalDraft::max_connections, 0, kMostConnections>},
    KeywordHandler{"nbthread", read_number<&GlobalDraft::threads, 1, kMostThreads>},
    KeywordHandler{"ca-base", read_text<&GlobalDraft::ca_base>},
    KeywordHandler{"crt-base", read_text<&GlobalDraft::crt_base>},
    KeywordHandler{"ssl-default-bind-ciphers", read_text<&GlobalDraft::bind_ciphers>},
    KeywordHandler{"ssl-default-bind-ciphersuites", read_text<&GlobalDraft::bind_ciphersuites>},
    KeywordHandler{"ssl-default-bind-curves", read_text<&GlobalDraft::bind_curves>},
    KeywordHandler{"ssl-default-server-ciphers", read_text<&GlobalDraft::server_ciphers>},
    KeywordHandler{"ssl-default-server-ciphersuites", read_text<&GlobalDraft::server_ciphersuites>},
    KeywordHandler{"ssl-default-bind-options", read_tls_options<&GlobalDraft::bind_versions>},
    KeywordHandler{"ssl-default-server-options", read_tls_options<&GlobalDraft::server_versions>},
    KeywordHandler{"log", read_log},
    KeywordHandler{"hard-stop-after", read_hard_stop},
    KeywordHandler{"stats", read_global_stats},
    KeywordHandler{"node", read_text<&GlobalDraft::node>},
    KeywordHandler{"description", read_description},
    KeywordHandler{"setenv", read_nothing},
    KeywordHandler{"presetenv", read_nothing},
    KeywordHandler{"unsetenv", read_nothing},
    KeywordHandler{"resetenv", read_nothing},
};

}  // namespace

std::span<const KeywordHandler> global_keywords() {
  return kKeywords;
}

}  // namespace reseal::haproxy
