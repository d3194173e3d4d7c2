#include <algorithm>
#include <array>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/log_line.h"
#include "lb/haproxy/stats_socket.h"
#include "lb/haproxy/tls_words.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostThreads = 256;
constexpr int kMostConnections = 100'000'000;
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

void read_server_verify(Translator& translator, const Line& line) {
  const std::string how = translator.argument(line, 1, "none or required");
  if (how != "none" && how != "required" && !how.empty())
    translator.error(line, 1, "ssl-server-verify '" + how + "': none or required is expected");
  translator.global.verifies_servers = how != "none";
  translator.expect_end(line, 2);
}

/// Relative paths start from the folder that reseal runs in: `current`, which is what HAProxy does where nothing is said.
void read_default_path(Translator& translator, const Line& line) {
  const std::string from = translator.argument(line, 1, "current");
  if (from == "config" || from == "parent" || from == "origin") {
    translator.error(line, 1, "'default-path " + from + "' is not there yet (accepted: current)");
  } else if (from != "current" && !from.empty()) {
    translator.error(line, 1, "default-path '" + shortened(from) + "': current is expected");
  } else {
    translator.expect_end(line, 2);
  }
}

constexpr std::array kKeywords = {
    KeywordHandler{"maxconn", read_number<&GlobalDraft::max_connections, 0, kMostConnections>},
    KeywordHandler{"nbthread", read_number<&GlobalDraft::threads, 1, kMostThreads>},
    KeywordHandler{"ca-base", read_text<&GlobalDraft::ca_base>},
    KeywordHandler{"default-path", read_default_path},
    KeywordHandler{"crt-base", read_text<&GlobalDraft::crt_base>},
    KeywordHandler{"ssl-default-bind-ciphers", read_text<&GlobalDraft::bind_ciphers>},
    KeywordHandler{"ssl-default-bind-ciphersuites", read_text<&GlobalDraft::bind_ciphersuites>},
    KeywordHandler{"ssl-default-bind-curves", read_text<&GlobalDraft::bind_curves>},
    KeywordHandler{"ssl-default-server-ciphers", read_text<&GlobalDraft::server_ciphers>},
    KeywordHandler{"ssl-default-server-ciphersuites", read_text<&GlobalDraft::server_ciphersuites>},
    KeywordHandler{"ssl-default-bind-options", read_tls_options<&GlobalDraft::bind_versions>},
    KeywordHandler{"ssl-default-server-options", read_tls_options<&GlobalDraft::server_versions>},
    KeywordHandler{"ssl-server-verify", read_server_verify},
    KeywordHandler{"log", read_global_log},
    KeywordHandler{"log-tag", read_global_log_tag},
    KeywordHandler{"log-send-hostname", read_log_send_hostname},
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
