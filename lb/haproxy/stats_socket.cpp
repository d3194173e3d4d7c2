#include "lb/haproxy/stats_socket.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostMode = 07777;
constexpr int kMostId = 0x7fffffff;
constexpr int kMostClients = 1'000'000;

/// The words behind the address, read from left to right.
struct SocketReader {
  Translator& translator;
  const Line& line;
  config::RuntimeSocket socket;
  std::size_t word = 3;  // the next

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
  void error(const std::string& text) { translator.error(line, word, text); }
};

void read_mode(SocketReader& r) {
  const std::string text = r.argument("an octal mode such as 660");
  int mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7' || mode > kMostMode) {
      r.error("'" + text + "' is no mode: an octal number such as 660 is expected");
      return;
    }
    mode = mode * 8 + (c - '0');
  }
  if (!text.empty()) r.socket.mode = mode & kMostMode;
}

void read_user(SocketReader& r) {
  const std::string name = r.argument("the name of a user");
  if (name.empty()) return;
  if (const passwd* user = ::getpwnam(name.c_str())) {
    r.socket.user = static_cast<int>(user->pw_uid);
  } else {
    r.error("there is no user '" + name + "' on this machine");
  }
}

void read_group(SocketReader& r) {
  const std::string name = r.argument("the name of a group");
  if (name.empty()) return;
  if (const group* found = ::getgrnam(name.c_str())) {
    r.socket.group = static_cast<int>(found->gr_gid);
  } else {
    r.error("there is no group '" + name + "' on this machine");
  }
}

void read_id(SocketReader& r, std::optional<int>& id) {
  const std::string text = r.argument("a number");
  if (!text.empty()) id = r.translator.value_or(parse_number(text, 0, kMostId), r.line, r.word, 0);
}

void read_level(SocketReader& r) {
  const std::string level = r.argument("user, operator or admin");
  if (level == "user") {
    r.socket.level = config::AccessLevel::kUser;
  } else if (level == "operator") {
    r.socket.level = config::AccessLevel::kOperator;
  } else if (level == "admin") {
    r.socket.level = config::AccessLevel::kAdmin;
  } else if (!level.empty()) {
    r.error("'" + level + "' is no level: user, operator and admin are");
  }
}

struct Option {
  std::string_view name;
  void (*read)(SocketReader& reader);
};

constexpr std::array kOptions = {
    Option{"mode", read_mode},
    Option{"user", read_user},
    Option{"group", read_group},
    Option{"uid", [](SocketReader& r) { read_id(r, r.socket.user); }},
    Option{"gid", [](SocketReader& r) { read_id(r, r.socket.group); }},
    Option{"level", read_level},
    Option{"expose-fd",
           [](SocketReader& r) {
             const std::string what = r.argument("listeners");
             if (what != "listeners" && !what.empty())
               r.error("'" + what + "' cannot be exposed: listeners can");
             r.translator.notice_once(
                 r.line,
                 "'expose-fd listeners' has no effect: reseal hands no sockets over, a reload keeps them");
           }},
    Option{"name", [](SocketReader& r) { (void)r.argument("a name"); }},
    Option{"backlog", [](SocketReader& r) { (void)r.argument("a number"); }},
    Option{"maxconn", [](SocketReader& r) { (void)r.argument("a number"); }},
    Option{"process", [](SocketReader& r) { (void)r.argument("a set of processes"); }},
    Option{"thread", [](SocketReader& r) { (void)r.argument("a set of threads"); }},
};

/// "unix@/run/a.sock", "/run/a.sock", "abns@name"; otherwise an address and a port.
std::vector<config::RuntimeSocket> read_addresses(Translator& translator, const Line& line) {
  std::string_view text = line.words[2].text;
  std::vector<config::RuntimeSocket> sockets;
  config::RuntimeSocket unix_socket;
  unix_socket.place = translator.place_of(line, 2);
  if (text.starts_with("abns@")) {
    unix_socket.path = text.substr(5);
    unix_socket.is_abstract = true;
    return {unix_socket};
  }
  const bool is_unix = text.starts_with("unix@");
  if (is_unix) text.remove_prefix(5);
  if (is_unix || text.starts_with('/')) {
    unix_socket.path = Translator::absolute_path(std::string(text), "");
    return {unix_socket};
  }
  for (config::Bind& bind : translator.value_or(parse_bind_addresses(text, unix_socket.place), line, 2,
                                                std::vector<config::Bind>{})) {
    sockets.push_back(unix_socket);
    sockets.back().bind = std::move(bind);
  }
  return sockets;
}

void read_socket(Translator& translator, const Line& line) {
  if (translator.argument(line, 2, "an address or the path of a unix socket").empty()) return;
  SocketReader reader{translator, line, {}};
  for (; reader.word < line.words.size(); ++reader.word) {
    const std::string& name = line.words[reader.word].text;
    const auto* const option = std::ranges::find(kOptions, std::string_view(name), &Option::name);
    if (option == kOptions.end()) {
      report_unknown_option(translator, line, reader.word, "stats socket", Vocabulary::kBind);
      break;  // what belongs to it is not known
    }
    option->read(reader);
  }
  for (config::RuntimeSocket& socket : read_addresses(translator, line)) {
    reader.socket.path = socket.path;
    reader.socket.is_abstract = socket.is_abstract;
    reader.socket.bind = socket.bind;
    reader.socket.place = socket.place;
    translator.global.runtime_api.sockets.push_back(reader.socket);
  }
}

}  // namespace

void read_global_stats(Translator& translator, const Line& line) {
  const std::string what = translator.argument(line, 1, "socket, timeout or maxconn");
  config::RuntimeApi& api = translator.global.runtime_api;
  if (what == "socket") {
    read_socket(translator, line);
  } else if (what == "timeout") {
    const std::string text = translator.argument(line, 2, "a time");
    if (text.empty()) return;
    api.timeout = translator.value_or(parse_time(text), line, 2, api.timeout);
    if (api.timeout == Duration(0)) translator.error(line, 2, "'stats timeout' of 0 would serve nobody");
  } else if (what == "maxconn") {
    const std::string text = translator.argument(line, 2, "a number");
    if (!text.empty())
      api.max_connections = translator.value_or(parse_number(text, 1, kMostClients), line, 2, 1);
  } else if (!what.empty()) {
    translator.notice_once(line, "'stats " + what + "' has no effect: one process with threads serves");
  }
}

}  // namespace reseal::haproxy
