#include "lb/haproxy/keyword_handler.h"

#include <array>

#include "lb/haproxy/global_without_effect.h"
#include "lb/haproxy/keywords.h"
#include "lb/haproxy/modern_line.h"
#include "lb/haproxy/refused.h"

namespace reseal::haproxy {
namespace {

struct WithoutEffect {
  std::string_view first;
  std::string_view second;  ///< empty: whatever follows
  std::string_view why;
};

constexpr std::string_view kOneProcess =
    "one process serves, and reads its files again by itself (SIGUSR2, SIGHUP)";
constexpr std::string_view kAlways = "it is always so here";
constexpr std::string_view kOwnWay = "reseal closes and keeps connections by itself";
constexpr std::string_view kKernel = "the kernel's settings hold";
constexpr std::string_view kNamesAsTheyCame = "names of fields are passed on as they came";
constexpr std::string_view kStrict = "HTTP is read strictly: what may be understood in two ways is refused";
constexpr std::string_view kNotYet = "it is not there yet";

constexpr std::array kWithoutEffect = {
    WithoutEffect{"master-worker", "", kOneProcess},
    WithoutEffect{"nbproc", "", "one process with threads serves"},
    WithoutEffect{"description", "", "nothing shows that of a proxy"},
    WithoutEffect{"ulimit-n", "", "the limit on open files is raised as far as it may be"},
    WithoutEffect{"strict-limits", "", kAlways},
    WithoutEffect{"spread-checks", "", "checks are always spread"},
    WithoutEffect{"server-state-file", "", kNotYet},
    WithoutEffect{"server-state-base", "", kNotYet},
    WithoutEffect{"external-check", "",
                  "no check runs a program, and a backend that asks for one is refused"},
    WithoutEffect{"insecure-fork-wanted", "", "reseal starts no programs"},
    WithoutEffect{"insecure-setuid-wanted", "", "reseal starts no programs"},
    WithoutEffect{"expose-experimental-directives", "", "what is there needs no such word"},
    WithoutEffect{"expose-deprecated-directives", "", "what is there needs no such word"},
    WithoutEffect{"lua-prepend-path", "", "reseal runs no Lua"},
    WithoutEffect{"h1-case-adjust", "", kNamesAsTheyCame},
    WithoutEffect{"h1-case-adjust-file", "", kNamesAsTheyCame},
    WithoutEffect{"option", "h1-case-adjust-bogus-client", kNamesAsTheyCame},
    WithoutEffect{"option", "h1-case-adjust-bogus-server", kNamesAsTheyCame},
    WithoutEffect{"ssl-dh-param-file", "", "OpenSSL's own parameters serve DHE suites"},
    WithoutEffect{"backlog", "", "up to 4096 connections may wait, or what net.core.somaxconn allows"},
    WithoutEffect{"load-server-state-from-file", "", kNotYet},
    WithoutEffect{"option", "abortonclose", kAlways},
    WithoutEffect{"option", "splice-auto", kAlways},
    WithoutEffect{"option", "tcp-smart-accept", kOwnWay},
    WithoutEffect{"option", "tcp-smart-connect", kOwnWay},
    WithoutEffect{"option", "socket-stats", kNotYet},
    WithoutEffect{"option", "http-no-delay", kAlways},
    WithoutEffect{"option", "http-use-proxy-header", "Proxy-Connection is not looked at"},
    WithoutEffect{"option", "http-ignore-probes", "connections without a request get no answer and no line"},
    WithoutEffect{"option", "prefer-last-server", kOwnWay},
    WithoutEffect{"option", "splice-request", kAlways},
    WithoutEffect{"option", "splice-response", kAlways},
    WithoutEffect{"clitcpka-cnt", "", kKernel},
    WithoutEffect{"clitcpka-idle", "", kKernel},
    WithoutEffect{"clitcpka-intvl", "", kKernel},
    WithoutEffect{"srvtcpka-cnt", "", kKernel},
    WithoutEffect{"srvtcpka-idle", "", kKernel},
    WithoutEffect{"srvtcpka-intvl", "", kKernel},
    WithoutEffect{"max-keep-alive-queue", "", kOwnWay},
    WithoutEffect{"email-alert", "", "no mails are sent"},
    WithoutEffect{"bind-process", "", "one process with threads serves"},
    WithoutEffect{"filter-sequence", "", "there are no other filters to come after"},
    WithoutEffect{"guid", "", "nothing shows it"},
    WithoutEffect{"log-steps", "", "a line is written when a request is over"},
    WithoutEffect{"max-session-srv-conns", "", kOwnWay},
    WithoutEffect{"hash-preserve-affinity", "", "a server without room is passed over"},
    WithoutEffect{"server-state-file-name", "", kNotYet},
    WithoutEffect{"option", "accept-invalid-http-request", kStrict},
    WithoutEffect{"option", "accept-invalid-http-response", kStrict},
    WithoutEffect{"option", "accept-unsafe-violations-in-http-request", kStrict},
    WithoutEffect{"option", "accept-unsafe-violations-in-http-response", kStrict},
    WithoutEffect{"option", "disable-h2-upgrade",
                  "HTTP/2 without TLS is served where 'proto h2' says so, and nowhere else"},
    WithoutEffect{"option", "contstats", "bytes of a request are counted when it is over"},
    WithoutEffect{"option", "idle-close-on-response", kOwnWay},
    WithoutEffect{"option", "independent-streams", "each side has timeouts of its own"},
    WithoutEffect{"option", "nolinger", "connections are closed in order"},
};

constexpr std::array kTables = {balance_keywords,  capture_keywords, check_keywords, connection_keywords,
                                handover_keywords, cookie_keywords,  error_keywords, log_keywords,
                                message_keywords,  proxy_keywords,   rule_keywords,  stats_keywords,
                                stick_keywords};

bool is_of_device_detection(std::string_view first) {
  return first.starts_with("51degrees") || first.starts_with("deviceatlas") || first.starts_with("wurfl");
}

const KeywordHandler* find(std::span<const KeywordHandler> handlers, std::string_view name) {
  for (const KeywordHandler& handler : handlers) {
    if (handler.name == name) return &handler;
  }
  return nullptr;
}

const KeywordHandler* handler_of(const Line& line, bool is_global, std::string_view first, std::size_t at) {
  if (is_global) {
    const KeywordHandler* found = find(global_keywords(), first);
    return found != nullptr ? found : find(process_keywords(), first);
  }
  const bool is_option = first == "option";
  if (is_option && at + 1 == line.words.size()) return nullptr;
  const std::string_view name = is_option ? std::string_view(line.words[at + 1].text) : first;
  for (const auto table : kTables) {
    const KeywordTable rows = table();
    if (const auto* found = find(is_option ? rows.options : rows.keywords, name)) return found;
  }
  return nullptr;
}

}  // namespace

std::vector<KeywordTable> proxy_keyword_tables() {
  std::vector<KeywordTable> tables;
  for (const auto table : kTables) tables.push_back(table());
  return tables;
}

std::string_view why_without_effect(std::string_view first, std::string_view second) {
  for (const WithoutEffect& each : kWithoutEffect) {
    if (each.first == first && (each.second.empty() || each.second == second)) return each.why;
  }
  if (first.starts_with("tune.")) return "reseal sizes itself";
  if (const std::string_view why = global_without_effect(first); !why.empty()) return why;
  return is_of_device_detection(first) ? "devices are not told apart" : "";
}

void report_unknown_option(Translator& translator, const Line& line, std::size_t word,
                           const std::string& owner, Vocabulary options) {
  const std::string& name = line.words[word].text;
  const bool is_known = find_keyword(options, name) != nullptr;
  translator.error(line, word,
                   is_known ? "'" + name + "' of '" + owner + "' is not there yet"
                            : "'" + owner + "' knows no '" + name + "'" + near_keyword(options, name));
}

void read_line(Translator& translator, const Section& section, const Line& line) {
  if (const auto modern = modern_line(line)) {
    translator.notice(line, "'" + line.words.front().text + "' is a word of older versions, and read as '" +
                                modern->words[0].text + " " + modern->words[1].text + "'");
    read_line(translator, section, *modern);
    return;
  }
  if (const std::string_view why = outlived(line); !why.empty()) {
    translator.notice_once(line, "'" + line.words.front().text + "' has no effect: " + std::string(why));
    return;
  }
  if (const auto problem = check_keyword(section, line)) {
    translator.report(line, problem->word, problem->severity, problem->message);
    return;
  }
  const std::size_t at = line.words.front().text == "no" && line.words.size() > 1 ? 1 : 0;
  const std::string& first = line.words[at].text;
  const std::string_view second = at + 1 < line.words.size() ? std::string_view(line.words[at + 1].text) : "";
  if (const std::string_view why = why_refused(first, second); !why.empty()) {
    translator.error(
        line, at, "'" + first + (second.empty() ? "" : " " + std::string(second)) + "': " + std::string(why));
    return;
  }
  if (const KeywordHandler* handler = handler_of(line, section.kind == SectionKind::kGlobal, first, at)) {
    if (at == 1 && first == "option" && !handler->negatable) {
      translator.error(line, 0, "'option " + std::string(second) + "' cannot be taken back by 'no'");
      return;
    }
    handler->read(translator, line);
    return;
  }
  const std::string shown = first == "option" && !second.empty() ? "option " + std::string(second) : first;
  if (const std::string_view why = why_without_effect(first, second); !why.empty()) {
    translator.notice_once(line, "'" + shown + "' has no effect: " + std::string(why));
    return;
  }
  translator.error(line, at,
                   "'" + shown + "' is not there yet, and passing over it would change what is served");
}

}  // namespace reseal::haproxy
