#include "lb/cli/haproxy_arguments.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>

#include "lb/base/text.h"

namespace reseal::cli {
namespace {

/// The words that are left, and what they have said so far.
struct Reader {
  std::span<const char* const> words;
  HaproxyArguments parsed{};
  std::string problem{};

  /// The flag's value; a missing one is the problem.
  std::string value(std::string_view flag) {
    if (words.empty()) {
      problem = std::string(flag) + " is followed by nothing";
      return "";
    }
    const char* const word = words.front();
    words = words.subspan(1);
    return word;
  }
};

/// Numbers of processes up to the next flag; several may stand in one word, as of "$(pidof haproxy)".
void read_processes(Reader& reader, int signal) {
  reader.parsed.replaces = true;
  reader.parsed.stop_signal = signal;
  while (!reader.words.empty() && *reader.words.front() != '-') {
    std::string_view rest = reader.words.front();
    reader.words = reader.words.subspan(1);
    while (!rest.empty()) {
      const std::size_t blank = std::min(rest.find_first_of(" \t\n"), rest.size());
      const std::string_view one = rest.substr(0, blank);
      rest.remove_prefix(std::min(rest.size(), blank + 1));
      if (one.empty()) continue;
      constexpr std::uint64_t kMost = 1 << 30;
      const auto number = parse_decimal(one);
      if (!number || *number == 0 || *number > kMost) {
        reader.problem = "'" + std::string(one) + "' is no number of a process";
        return;
      }
      reader.parsed.old_processes.push_back(static_cast<int>(*number));
    }
  }
}

void read_most(Reader& reader, std::string_view flag) {
  const std::string text = reader.value(flag);
  constexpr std::uint64_t kMost = 100'000'000;
  const auto number = parse_decimal(text);
  if (number && *number <= kMost) {
    reader.parsed.max_connections = static_cast<int>(*number);
  } else if (reader.problem.empty()) {
    reader.problem = "'" + text + "' is no number of connections";
  }
}

struct Flag {
  std::string_view name;
  void (*read)(Reader& reader, std::string_view flag);
};

void pass_over(Reader& reader, std::string_view flag) {
  reader.parsed.without_effect.emplace_back(flag);
}
void pass_over_with_value(Reader& reader, std::string_view flag) {
  (void)reader.value(flag);
  pass_over(reader, flag);
}
void stay(Reader& reader, std::string_view) {
  reader.parsed.in_foreground = true;
}

constexpr std::array kFlags = {
    Flag{"-f", [](Reader& r, std::string_view flag) { r.parsed.files.push_back(r.value(flag)); }},
    Flag{"--",
         [](Reader& r, std::string_view) {
           r.parsed.files.insert(r.parsed.files.end(), r.words.begin(), r.words.end());
           r.words = {};
         }},
    Flag{"-c", [](Reader& r, std::string_view) { r.parsed.checks_only = true; }},
    Flag{"-cc",
         [](Reader& r, std::string_view flag) {
           r.parsed.condition = r.value(flag);
           r.parsed.has_condition = true;
         }},
    Flag{"-C", [](Reader& r, std::string_view flag) { r.parsed.folder = r.value(flag); }},
    Flag{"-D", [](Reader& r, std::string_view) { r.parsed.in_background = true; }},
    Flag{"-d", stay},
    Flag{"-db", stay},
    Flag{"-dW", [](Reader& r, std::string_view) { r.parsed.warnings_are_errors = true; }},
    Flag{"-dD", [](Reader& r, std::string_view) { r.parsed.shows_diagnostics = true; }},
    Flag{"-h", [](Reader& r, std::string_view) { r.parsed.shows_help = true; }},
    Flag{"--help", [](Reader& r, std::string_view) { r.parsed.shows_help = true; }},
    Flag{"-n", read_most},
    Flag{"-p", [](Reader& r, std::string_view flag) { r.parsed.pid_file = r.value(flag); }},
    Flag{"-q", [](Reader& r, std::string_view) { r.parsed.is_quiet = true; }},
    Flag{"-sf", [](Reader& r, std::string_view) { read_processes(r, SIGUSR1); }},
    Flag{"-st", [](Reader& r, std::string_view) { read_processes(r, SIGTERM); }},
    Flag{"-v", [](Reader& r, std::string_view) { r.parsed.shows_version = true; }},
    Flag{"-vv", [](Reader& r, std::string_view) { r.parsed.shows_version = r.parsed.shows_build = true; }},
    Flag{"-V", [](Reader&, std::string_view) {}},
    Flag{"-W", [](Reader& r, std::string_view) { r.parsed.has_master = true; }},
    Flag{"-Ws",
         [](Reader& r, std::string_view flag) {
           r.parsed.has_master = true;
           stay(r, flag);
         }},
    Flag{"-S", pass_over_with_value},
    Flag{"-x", pass_over_with_value},
    Flag{"-N", pass_over_with_value},
    Flag{"-m", pass_over_with_value},
    Flag{"-L", pass_over_with_value},
    Flag{"-4", pass_over},
};

}  // namespace

std::expected<HaproxyArguments, std::string> parse_haproxy_arguments(std::span<const char* const> arguments) {
  Reader reader{arguments};
  while (!reader.words.empty() && reader.problem.empty()) {
    const std::string flag = reader.value("");
    const auto known = std::ranges::find(kFlags, std::string_view(flag), &Flag::name);
    if (known != kFlags.end()) {
      known->read(reader, flag);
    } else if (flag.starts_with("-d")) {
      pass_over(reader, flag);
    } else {
      reader.problem = "'" + flag + "' is no flag that reseal knows";
    }
  }
  if (!reader.problem.empty()) return std::unexpected(reader.problem);
  return std::move(reader.parsed);
}

}  // namespace reseal::cli
