#include "lb/haproxy/bind_socket.h"

#include <array>
#include <string_view>

#include "lb/haproxy/owner_words.h"

namespace reseal::haproxy {
namespace {

struct Reader {
  Translator& translator;
  const Line& line;
  std::size_t& word;
  config::SocketSettings& socket;
  BindDraft* bind;  // null: of unix-bind

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
  int number(int least, int most) {
    const std::string text = argument("a number");
    return text.empty() ? 0 : translator.value_or(parse_number(text, least, most), line, word, 0);
  }
  void no_effect(const char* why) {
    translator.notice_once(line, "'" + line.words[word].text + "' of 'bind' has no effect: " + why);
  }
  void no_effect_with_argument(const char* why) {
    no_effect(why);
    (void)argument("a value");
  }
  void refuse(const char* advice) {
    translator.error(line, word, "'" + line.words[word].text + "' of 'bind' is not there: " + advice);
    word = line.words.size();
  }
};

void read_protocol(Reader& r) {
  const std::string name = r.argument("h1 or h2");
  if (name == "h2") {
    r.bind->h2c = true;
  } else if (name != "h1" && name != "none" && !name.empty()) {
    r.translator.error(r.line, r.word, "proto '" + name + "': h1 or h2 is expected");
  }
}

struct Option {
  std::string_view name;
  void (*read)(Reader& reader);
};

constexpr std::array kFileOptions = {
    Option{"mode", [](Reader& r) { r.socket.mode = file_mode(r.translator, r.line, ++r.word); }},
    Option{"user", [](Reader& r) { r.socket.user = user_named(r.translator, r.line, ++r.word); }},
    Option{"uid", [](Reader& r) { r.socket.user = owner_number(r.translator, r.line, ++r.word); }},
    Option{"group", [](Reader& r) { r.socket.group = group_named(r.translator, r.line, ++r.word); }},
    Option{"gid", [](Reader& r) { r.socket.group = owner_number(r.translator, r.line, ++r.word); }},
};

constexpr int kMost = 1'000'000;
constexpr int kMostSegment = 65535;
constexpr const char* kOwnThreads = "every worker listens everywhere";
constexpr const char* kOfStats = "it is of 'stats socket'";
constexpr const char* kNoQuic = "QUIC is not spoken";
constexpr const char* kNowhereShown = "nothing shows it";

constexpr std::array kOptions = {
    Option{"backlog", [](Reader& r) { r.socket.backlog = r.number(0, kMost); }},
    Option{"interface", [](Reader& r) { r.socket.interface = r.argument("a network interface"); }},
    Option{"mss",
           [](Reader& r) {
             // HAProxy takes a negative one as a reduction, which no system obeys on a listening socket.
             r.socket.segment_size = r.number(1, kMostSegment);
           }},
    Option{"tcp-ut",
           [](Reader& r) {
             const std::string text = r.argument("a time");
             if (text.empty()) return;
             const Duration time = r.translator.value_or(parse_time(text), r.line, r.word, Duration(0));
             r.socket.user_timeout = static_cast<int>(time.count());
           }},
    Option{"tfo", [](Reader& r) { r.socket.fast_open = true; }},
    Option{"defer-accept", [](Reader& r) { r.socket.defer_accept = true; }},
    Option{"id", [](Reader& r) { r.bind->number = r.number(1, kMostSegment); }},
    Option{"proto", read_protocol},
    Option{"name", [](Reader& r) { r.bind->name = r.argument("a name"); }},
    Option{"maxconn", [](Reader& r) { r.no_effect_with_argument("the one of the process holds"); }},
    Option{"nice", [](Reader& r) { r.no_effect_with_argument("all connections are alike"); }},
    Option{"process", [](Reader& r) { r.no_effect_with_argument(kOwnThreads); }},
    Option{"thread", [](Reader& r) { r.no_effect_with_argument(kOwnThreads); }},
    Option{"shards", [](Reader& r) { r.no_effect_with_argument(kOwnThreads); }},
    Option{"level", [](Reader& r) { r.no_effect_with_argument(kOfStats); }},
    Option{"severity-output", [](Reader& r) { r.no_effect_with_argument(kOfStats); }},
    Option{"expose-fd", [](Reader& r) { r.no_effect_with_argument(kOfStats); }},
    Option{"quic-socket", [](Reader& r) { r.no_effect_with_argument(kNoQuic); }},
    Option{"quic-cc-algo", [](Reader& r) { r.no_effect_with_argument(kNoQuic); }},
    Option{"quic-force-retry", [](Reader& r) { r.no_effect(kNoQuic); }},
    Option{"label", [](Reader& r) { r.no_effect_with_argument(kNowhereShown); }},
    Option{"guid-prefix", [](Reader& r) { r.no_effect_with_argument(kNowhereShown); }},
    Option{"transparent",
           [](Reader& r) {
             r.refuse("reseal listens on addresses of this machine; take it out, or bind to one of them");
           }},
    Option{"namespace", [](Reader& r) { r.refuse("start reseal within that namespace (ip netns exec)"); }},
    Option{"accept-netscaler-cip",
           [](Reader& r) {
             r.refuse("have the balancer in front send the PROXY header, and take 'accept-proxy'");
           }},
    Option{"tcp-md5sig", [](Reader& r) { r.refuse("connections would come unsigned"); }},
};

bool read_by(std::span<const Option> options, Reader& reader) {
  const std::string& name = reader.line.words[reader.word].text;
  for (const Option& option : options) {
    if (option.name != name) continue;
    option.read(reader);
    return true;
  }
  return false;
}

}  // namespace

bool read_socket_option(Translator& translator, const Line& line, std::size_t& word, BindDraft& bind) {
  Reader reader{translator, line, word, bind.socket, &bind};
  return read_by(kFileOptions, reader) || read_by(kOptions, reader);
}

void read_unix_bind(Translator& translator, const Line& line) {
  for (std::size_t word = 1; word < line.words.size(); ++word) {
    if (line.words[word].text == "prefix") {
      translator.global.unix_prefix = translator.argument(line, ++word, "a path");
      continue;
    }
    Reader reader{translator, line, word, translator.global.unix_socket, nullptr};
    if (read_by(kFileOptions, reader)) continue;
    translator.error(
        line, word,
        "'unix-bind' knows no '" + line.words[word].text + "': prefix, mode, user, uid, group and gid are");
  }
}

}  // namespace reseal::haproxy
