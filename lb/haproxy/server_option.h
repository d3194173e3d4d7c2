// The options of a `server` or `default-server` line, read from left to right: what their readers share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

constexpr int kMostConnections = 1'000'000;

/// The options of one line, read from left to right.
struct OptionReader {
  Translator& translator;
  const Line& line;
  ServerOptions& options;
  std::size_t word;  // the next

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
  int number(int least, int most, int otherwise) {
    const std::string text = argument("a number");
    return text.empty() ? otherwise
                        : translator.value_or(parse_number(text, least, most), line, word, otherwise);
  }
  std::optional<Duration> time() {
    const std::string text = argument("a time");
    if (text.empty()) return std::nullopt;
    const Duration time = translator.value_or(parse_time(text), line, word, Duration(2000));
    if (time == Duration(0)) translator.error(line, word, "a time of 0 is none here");
    return time;
  }
  std::string path(const char* what, const std::string& base) {
    const std::string text = argument(what);
    return text.empty() ? text : Translator::absolute_path(text, base);
  }
  void no_effect(const char* why) { translator.notice_once(line, why); }
};

struct ServerOption {
  std::string_view name;
  void (*read)(OptionReader& reader);
};

/// What is about checks.
std::span<const ServerOption> check_server_options();
/// What is about PROXY headers.
std::span<const ServerOption> proxy_header_options();
/// What few configurations say, and what has no effect here.
std::span<const ServerOption> rare_server_options();

}  // namespace reseal::haproxy
