#include "lb/cli/haproxy_arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace reseal::cli {
namespace {

// With a value that is passed over, and without one.
constexpr std::array<std::string_view, 4> kIdleWithValue = {"-n", "-N", "-m", "-L"};
constexpr std::array<std::string_view, 2> kIdle = {"-V", "-db"};
constexpr std::array<std::string_view, 8> kNotYet = {"-D", "-W", "-Ws", "-S", "-sf", "-st", "-x", "-C"};

template <std::size_t kCount>
bool contains(const std::array<std::string_view, kCount>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::expected<HaproxyArguments, std::string> parse_haproxy_arguments(std::span<const char* const> arguments) {
  HaproxyArguments parsed;
  std::size_t next = 0;
  const auto value = [&](std::string_view flag) -> std::expected<std::string, std::string> {
    if (next < arguments.size()) return std::string(arguments[next++]);
    return std::unexpected(std::string(flag) + " is followed by nothing");
  };
  while (next < arguments.size()) {
    const std::string_view flag = arguments[next++];
    if (flag == "--") {
      while (next < arguments.size()) parsed.files.emplace_back(arguments[next++]);
    } else if (flag == "-c") {
      parsed.checks_only = true;
    } else if (flag == "-q") {
      parsed.is_quiet = true;
    } else if (flag == "-v" || flag == "-vv") {
      parsed.shows_version = true;
    } else if (flag == "--help" || flag == "-h") {
      parsed.shows_help = true;
    } else if (flag == "-f" || flag == "-p" || flag == "-cc" || contains(kIdleWithValue, flag)) {
      const auto text = value(flag);
      if (!text) return std::unexpected(text.error());
      if (flag == "-f") parsed.files.push_back(*text);
      if (flag == "-p") parsed.pid_file = *text;
      if (flag == "-cc") {
        parsed.condition = *text;
        parsed.has_condition = true;
      }
      if (contains(kIdleWithValue, flag)) parsed.without_effect.emplace_back(flag);
    } else if (contains(kNotYet, flag)) {
      return std::unexpected("'" + std::string(flag) +
                             "' is not there yet: reseal stays in the foreground, one process");
    } else if (flag.starts_with("-d")) {
      if (flag != "-db" && flag != "-d") parsed.without_effect.emplace_back(flag);
    } else if (!contains(kIdle, flag)) {
      return std::unexpected("'" + std::string(flag) + "' is no flag that reseal knows");
    }
  }
  return parsed;
}

}  // namespace reseal::cli
