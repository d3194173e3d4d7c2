#include "lb/haproxy/stats_socket.h"

#include <algorithm>
#include <array>

#include "lb/haproxy/bind_socket.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostClients = 1'000'000;

/// The words behind the address, read from left to right.
struct SocketReader {
  Translator& translator;
  const Line& line;
  config::AccessLevel level = config::AccessLevel::kOperator;
  std::size_t word = 3;  // the next

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
  void error(const std::string& text) { translator.error(line, word, text); }
};

void read_level(SocketReader& r) {
  const std::string level = r.argument("user, operator or admin");
  if (level == "user") {
    r.level = config::AccessLevel::kUser;
  } else if (level == "operator") {
    r.level = config::AccessLevel::kOperator;
  } else if (level == "admin") {
    r.level = config::AccessLevel::kAdmin;
  } else if (!level.empty()) {
    r.error("'" + level + "' is no level: user, operator and admin are");
  }
}

struct Option {
  std::string_view name;
  void (*read)(SocketReader& reader);
};

constexpr std::array kOptions = {
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
    Option{"maxconn", [](SocketReader& r) { (void)r.argument("a number"); }},
    Option{"process", [](SocketReader& r) { (void)r.argument("a set of processes"); }},
    Option{"thread", [](SocketReader& r) { (void)r.argument("a set of threads"); }},
};

void read_socket(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 2, "an address or the path of a unix socket");
  if (text.empty()) return;
  BindDraft bind;
  SocketReader reader{translator, line};
  for (; reader.word < line.words.size(); ++reader.word) {
    const std::string& name = line.words[reader.word].text;
    const auto* const option = std::ranges::find(kOptions, std::string_view(name), &Option::name);
    if (option != kOptions.end()) {
      option->read(reader);
    } else if (!read_socket_option(translator, line, reader.word, bind)) {
      report_unknown_option(translator, line, reader.word, "stats socket", Vocabulary::kBind);
      break;  // what belongs to it is not known
    }
  }
  for (config::Bind& address : translator.value_or(parse_bind_addresses(text, translator.place_of(line, 2)),
                                                   line, 2, std::vector<config::Bind>{})) {
    if (address.kind == config::BindKind::kUnix) address.host = Translator::absolute_path(address.host, "");
    address.socket = bind.socket;
    translator.global.runtime_api.sockets.push_back({std::move(address), reader.level});
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
