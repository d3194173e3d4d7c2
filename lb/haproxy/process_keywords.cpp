// What `global` says of the process and its sockets' files.
#include <unistd.h>

#include <array>

#include "lb/haproxy/bind_socket.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/owner_words.h"

namespace reseal::haproxy {
namespace {

constexpr const char* kNeedsRoot =
    "'user', 'group', 'uid', 'gid' and 'chroot' have no effect: only root can change them, so reseal goes on "
    "as who started it";

void note_root(Translator& translator, const Line& line) {
  translator.global.process.place = translator.place_of(line);
  translator.expect_end(line, 2);
  if (::geteuid() != 0) translator.notice_once(line, kNeedsRoot);
}

void read_daemon(Translator& translator, const Line& line) {
  translator.global.process.daemon = line.words.front().text != "no";
}

void read_pid_file(Translator& translator, const Line& line) {
  translator.global.process.pid_file = translator.argument(line, 1, "a file");
  translator.expect_end(line, 2);
}

void read_root(Translator& translator, const Line& line) {
  translator.global.process.root = translator.argument(line, 1, "a folder");
  note_root(translator, line);
}

/// The four that name somebody.
template <std::optional<unsigned> config::ProcessSettings::* kMember, auto kRead>
void read_owner(Translator& translator, const Line& line) {
  translator.global.process.*kMember = kRead(translator, line, 1);
  note_root(translator, line);
}

/// `set-var proc.NAME EXPRESSION`, `set-var-fmt proc.NAME FORMAT`.
void read_variable(Translator& translator, const Line& line) {
  if (translator.argument(line, 2, "the name of a variable (proc.NAME) and its value").empty()) return;
  translator.global.variables.push_back(translator.rule_of(line, 0));
}

constexpr std::array kKeywords = {
    KeywordHandler{"daemon", read_daemon},
    KeywordHandler{"pidfile", read_pid_file},
    KeywordHandler{"chroot", read_root},
    KeywordHandler{"user", read_owner<&config::ProcessSettings::user, user_named>},
    KeywordHandler{"uid", read_owner<&config::ProcessSettings::user, owner_number>},
    KeywordHandler{"group", read_owner<&config::ProcessSettings::group, group_named>},
    KeywordHandler{"gid", read_owner<&config::ProcessSettings::group, owner_number>},
    KeywordHandler{"set-var", read_variable},
    KeywordHandler{"set-var-fmt", read_variable},
    KeywordHandler{"unix-bind", read_unix_bind},
    KeywordHandler{"zero-warning",
                   [](Translator& translator, const Line&) { translator.global.zero_warning = true; }},
};

}  // namespace

std::span<const KeywordHandler> process_keywords() {
  return kKeywords;
}

}  // namespace reseal::haproxy
