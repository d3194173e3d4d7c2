// `reseal haproxy`, or the binary under the name haproxy: HAProxy's command line and messages, reseal's work.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>

#include "lb/base/host_name.h"
#include "lb/cli/background.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/cli/haproxy_arguments.h"
#include "lb/cli/master.h"
#include "lb/cli/pid_file.h"
#include "lb/cli/privileges.h"
#include "lb/cli/serve.h"
#include "lb/cli/service_manager.h"
#include "lb/haproxy/door.h"
#include "lb/runtime/generation.h"
#include "lb/runtime/version.h"
#include "tls/openssl_version.h"

extern char** environ;

namespace reseal::cli {
namespace {

constexpr const char* kUsage =
    "Usage: reseal haproxy -f FILE|FOLDER... [FLAGS]\n"
    "  -f   a configuration in HAProxy's language; of folders all *.cfg; may be repeated\n"
    "  -c   check it and end: status 0 if it is valid, 1 if not\n"
    "  -cc  evaluate a condition as .if has it: status 0 if it holds, 1 if not, 2 if it is none\n"
    "  -C   the folder that relative paths begin in\n"
    "  -D   go into the background once it serves; -db: stay, whatever the file says\n"
    "  -p   write the process's number there\n"
    "  -sf  processes that are told to finish (SIGUSR1) once this one serves; -st: to end (SIGTERM)\n"
    "  -n   the most connections there may be\n"
    "  -dW  a warning is an error; -dD: show diagnostics\n"
    "  -q   say nothing but errors\n"
    "  -v   say what this is; -vv: in full\n"
    "What of HAProxy's language is obeyed so far: docs/haproxy.md. The rest is refused, with file and line.\n"
    "Example: reseal haproxy -c -f /etc/haproxy/haproxy.cfg\n";

/// "[ALERT]    (123) : config : parsing [FILE:LINE] : TEXT", as HAProxy's users look for it.
std::string in_words(const char* level, const std::string& file, int line, const std::string& text) {
  const std::string where = line > 0        ? fmt::format("parsing [{}:{}] : ", file, line)
                            : !file.empty() ? fmt::format("[{}] : ", file)
                                            : "";
  return fmt::format("{:<10} ({}) : config : {}{}\n", fmt::format("[{}]", level), ::getpid(), where, text);
}

std::string alert(const config::Problem& problem) {
  constexpr const char* kLevels[] = {"ALERT", "WARNING", "NOTICE"};
  const std::string text = in_words(kLevels[static_cast<std::size_t>(problem.severity)], problem.file,
                                    problem.place.line, problem.message);
  if (problem.line_text.empty()) return text;
  // The line and the mark under it.
  const std::string whole = config::render(problem);
  return text + whole.substr(whole.find('\n') + 1);
}

void say(const char* level, const std::string& file, int line, const std::string& text) {
  fmt::print(stderr, "{}", in_words(level, file, line, text));
}

config::Door open_door(const HaproxyArguments& arguments) {
  haproxy::Environment environment(environ);
  const std::string host = host_name();
  haproxy::define_predefined(environment, host.empty() ? "localhost" : host);
  const bool is_quiet = arguments.is_quiet;
  const bool shows_all = arguments.shows_diagnostics;
  config::Door door =
      haproxy::door({arguments.files, environment, haproxy::own_abilities(tls::openssl_version()),
                     [is_quiet, shows_all](const haproxy::Notice& notice) {
                       if (!is_quiet && (shows_all || !notice.diagnostic))
                         say("NOTICE", notice.file, notice.place.line, notice.text);
                     },
                     !arguments.checks_only});
  door.render = alert;
  return door;
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

void show_version(bool in_full) {
  fmt::print("HAProxy version {}-reseal-{} - this is reseal, which speaks HAProxy's configuration\n",
             haproxy::kSpokenVersion, runtime::kVersion);
  if (!in_full) return;
  fmt::print(
      "Status: see reseal's own releases.\n\n"
      "Feature list : +EPOLL +OPENSSL +THREAD +SPLICE +BROTLI +ZLIB -LUA -PCRE -QUIC\n\n"
      "Built with OpenSSL version : {}\n"
      "Running on OpenSSL version : {}\n\n"
      "Available polling systems :\n      epoll : pref=300,  test result OK\n\n"
      "Available multiplexer protocols :\n"
      "         h2 : mode=HTTP  side=FE|BE\n         h1 : mode=HTTP  side=FE|BE\n       none : mode=TCP   "
      "side=FE|BE\n",
      tls::openssl_version(), tls::openssl_version());
}

bool is_warning(const config::Problem& problem) {
  return problem.severity == config::Severity::kWarning;
}

/// Loads, and with -c checks; the problems have been told. None: it is not to be served.
std::optional<config::LoadResult> load(const HaproxyArguments& arguments, const config::Door& door) {
  config::LoadResult loaded = door.load();
  if (loaded.configuration && arguments.checks_only) {
    auto more = runtime::check_configuration(*loaded.configuration);
    loaded.problems.insert(loaded.problems.end(), more.begin(), more.end());
  }
  door.show_lines(loaded.problems);
  for (const config::Problem& problem : loaded.problems) fmt::print(stderr, "{}", alert(problem));
  if (config::has_error(loaded.problems)) {
    say("ALERT", "", 0, "Error(s) found in the configuration; nothing was started");
    return std::nullopt;
  }
  if (arguments.warnings_are_errors && std::ranges::any_of(loaded.problems, is_warning)) {
    say("ALERT", "", 0, "there are warnings, and with -dW none may be; nothing was started");
    return std::nullopt;
  }
  if (arguments.max_connections > 0) loaded.configuration->max_connections = arguments.max_connections;
  return loaded;
}

/// What is done before anybody is served: as long as there are the rights for it.
void begin(const std::string& pid_file, const HaproxyArguments& arguments) {
  for (const int process : arguments.old_processes) ::kill(process, arguments.stop_signal);
  if (const auto written = write_pid_file(pid_file); !written) complain(written.error());
}

runtime::ProcessOptions options_of(const config::ProcessSettings& settings, bool joins_others) {
  runtime::ProcessOptions options;
  options.signals = runtime::Signals::kHaproxy;
  options.joins_others = joins_others;
  options.on_bound = [settings] { return give_up_privileges(settings); };
  return options;
}

/// Serves by workers, each of which reads the files anew; they have been found to be right once.
int start_master(const HaproxyArguments& arguments, const config::Door& door, const std::string& pid_file,
                 Background& background) {
  Master master([&] {
    begin(pid_file, arguments);
    notify_service_manager("READY=1");
    background.ready();
  });
  const Master::Turn turn = master.run();
  if (!turn.is_worker) return turn.status;
  auto loaded = load(arguments, door);
  if (!loaded) return kFailed;
  auto options = options_of(loaded->configuration->process, turn.replaces || arguments.replaces);
  options.on_ready = [&master, &background] {
    master.ready();
    background.follow_into_it();
  };
  return serve(door, std::move(*loaded), std::move(options));
}

/// Serves, beside the processes that it replaces and in place of them once it is ready.
int start(const HaproxyArguments& arguments, const config::Door& door, config::LoadResult loaded) {
  const config::ProcessSettings settings = loaded.configuration->process;
  const std::string pid_file = arguments.pid_file.empty() ? settings.pid_file : arguments.pid_file;
  Background background;
  if ((arguments.in_background || settings.daemon) && !arguments.in_foreground && !background.enter())
    return complain("there is no process to be had for the background");
  if (arguments.has_master) return start_master(arguments, door, pid_file, background);
  auto options = options_of(settings, arguments.replaces);
  options.on_bound = [&arguments, settings, pid_file] {
    const auto written = write_pid_file(pid_file);
    if (!written) return written;
    for (const int process : arguments.old_processes) ::kill(process, arguments.stop_signal);
    return give_up_privileges(settings);
  };
  options.on_ready = [&background] {
    notify_service_manager("READY=1");
    background.ready();
  };
  return serve(door, std::move(loaded), std::move(options));
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
    show_version(arguments->shows_build);
    return kDone;
  }
  if (arguments->has_condition) return evaluate(*arguments);
  if (!arguments->folder.empty() && ::chdir(arguments->folder.c_str()) != 0)
    return complain(fmt::format("-C {}: {}", arguments->folder, std::strerror(errno)));
  for (const std::string& flag : arguments->without_effect) {
    if (!arguments->is_quiet) say("NOTICE", "", 0, "'" + flag + "' has no effect");
  }
  const config::Door door = open_door(*arguments);
  auto loaded = load(*arguments, door);
  if (!loaded) return kFailed;
  if (arguments->checks_only) {
    if (!arguments->is_quiet) fmt::print("Configuration file is valid\n");
    return kDone;
  }
  return start(*arguments, door, std::move(*loaded));
}

}  // namespace reseal::cli
