// `reseal haproxy`, or the binary under the name haproxy: HAProxy's command line and messages, reseal's work.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <span>

#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/cli/haproxy_arguments.h"
#include "lb/cli/serve.h"
#include "lb/haproxy/door.h"
#include "lb/runtime/generation.h"
#include "lb/runtime/version.h"
#include "tls/openssl_version.h"

extern char** environ;

namespace reseal::cli {
namespace {

constexpr const char* kUsage =
    "Usage: reseal haproxy -f FILE|FOLDER... [-c] [-q] [-p FILE]\n"
    "  -f   a configuration in HAProxy's language; of folders all *.cfg; may be repeated\n"
    "  -c   check it and end: status 0 if it is valid, 1 if not\n"
    "  -cc  evaluate a condition as .if has it: status 0 if it holds, 1 if not, 2 if it is none\n"
    "  -p   write the process's number there\n"
    "  -q   say nothing but errors\n"
    "  -v   say what this is\n"
    "What of HAProxy's language is obeyed so far: docs/haproxy.md. The rest is refused, with file and line.\n"
    "Example: reseal haproxy -c -f /etc/haproxy/haproxy.cfg\n";

/// "[ALERT]    (123) : config : parsing [FILE:LINE] : TEXT", as HAProxy's users look for it.
void say(const char* level, const std::string& file, int line, const std::string& text) {
  const std::string where = line > 0        ? fmt::format("parsing [{}:{}] : ", file, line)
                            : !file.empty() ? fmt::format("[{}] : ", file)
                                            : "";
  fmt::print(stderr, "{:<10} ({}) : config : {}{}\n", fmt::format("[{}]", level), ::getpid(), where, text);
}

void say(const config::Problem& problem) {
  const bool is_error = problem.severity == config::Severity::kError;
  say(is_error ? "ALERT" : "WARNING", problem.file, problem.place.line, problem.message);
  // The line and the mark under it.
  const std::string whole = config::render(problem);
  if (!problem.line_text.empty()) fmt::print(stderr, "{}", whole.substr(whole.find('\n') + 1));
}

config::Door open_door(const HaproxyArguments& arguments) {
  haproxy::Environment environment(environ);
  char host[256] = "localhost";
  ::gethostname(host, sizeof host - 1);
  haproxy::define_predefined(environment, host);
  const bool is_quiet = arguments.is_quiet;
  return haproxy::door({arguments.files, environment, haproxy::own_abilities(tls::openssl_version()),
                        [is_quiet](const haproxy::Notice& notice) {
                          if (!is_quiet && !notice.diagnostic)
                            say("NOTICE", notice.file, notice.place.line, notice.text);
                        }});
}

int evaluate(const HaproxyArguments& arguments) {
  haproxy::Environment environment(environ);
  const auto holds = haproxy::evaluate_argument(arguments.condition, environment,
                                                haproxy::own_abilities(tls::openssl_version()));
  if (!holds) {
    fmt::print(stderr, "{}\n", holds.error().message);
    return 2;
  }
  return *holds ? kDone : kFailed;
}

}  // namespace

int haproxy(int argc, char** argv) {
  const auto arguments =
      parse_haproxy_arguments(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (arguments && arguments->shows_help) {
    fmt::print("{}", kUsage);
    return kDone;
  }
  if (!arguments || (arguments->files.empty() && !arguments->shows_version && !arguments->has_condition)) {
    fmt::print(stderr, "{}{}", arguments ? "" : "reseal haproxy: " + arguments.error() + "\n", kUsage);
    return kFailed;
  }
  if (arguments->shows_version) {
    fmt::print("HAProxy version {}-reseal-{} - this is reseal, which speaks HAProxy's configuration\n",
               haproxy::kSpokenVersion, runtime::kVersion);
    return kDone;
  }
  if (arguments->has_condition) return evaluate(*arguments);
  for (const std::string& flag : arguments->without_effect) {
    if (!arguments->is_quiet) say("NOTICE", "", 0, "'" + flag + "' has no effect");
  }
  const config::Door door = open_door(*arguments);
  config::LoadResult loaded = door.load();
  if (loaded.configuration && arguments->checks_only) {
    auto more = runtime::check_configuration(*loaded.configuration);
    loaded.problems.insert(loaded.problems.end(), more.begin(), more.end());
  }
  door.show_lines(loaded.problems);
  for (const config::Problem& problem : loaded.problems) say(problem);
  if (config::has_error(loaded.problems)) {
    say("ALERT", "", 0, "Error(s) found in the configuration; nothing was started");
    return kFailed;
  }
  if (arguments->checks_only) {
    if (!arguments->is_quiet) fmt::print("Configuration file is valid\n");
    return kDone;
  }
  if (!arguments->pid_file.empty()) std::ofstream(arguments->pid_file) << ::getpid() << '\n';
  return serve(door, std::move(loaded));
}

}  // namespace reseal::cli
