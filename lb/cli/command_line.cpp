#include "lb/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>

#include "lb/cli/commands.h"
#include "lb/config/did_you_mean.h"
#include "lb/runtime/version.h"

namespace reseal::cli {
namespace {

constexpr int kUsageError = 2;

void add_target(CLI::App& command, Target& target) {
  command.add_option("-s,--socket", target.socket, "admin socket of the process (default /run/reseal/admin.sock)")
      ->type_name("PATH");
  command.add_option("-c,--config", target.config_file, "configuration that names the socket")->type_name("FILE");
}

/// CLI11 names the argument it does not know; the nearest subcommand is ours to add.
void explain_unknown(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::ranges::find(names, argv[1]) == names.end()) {
    fmt::print(stderr, "reseal: there is no command '{}'{} (there are: {})\n", argv[1],
               config::did_you_mean(argv[1], names), config::one_of(names));
  }
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Load balancer: opens the client's HTTPS, picks a server, re-seals with mutual TLS.", "reseal");
  app.set_version_flag("--version", fmt::format("reseal {}", runtime::kVersion));
  app.require_subcommand(0, 1);
  app.footer("Begin with:\n  reseal check -c reseal.yaml    is the file right?\n  reseal run -c reseal.yaml      serve"
             "\n  reseal stats                   who gets how much, and who is down\n\nEvery command has its own --help. "
             "Exit status: 0 done, 1 refused or failed, 2 wrong usage.");
  std::string config_file;
  int workers = 0;
  Target target;
  bool json = false;
  bool wait = false;
  std::function<int()> chosen;

  auto* run_app = app.add_subcommand("run", "Serve until stopped (in the foreground; log on standard error)");
  run_app->add_option("-c,--config", config_file, "configuration file")->required()->type_name("FILE");
  run_app->add_option("--workers", workers, "worker threads, in place of the file's `workers`")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  run_app->footer("SIGHUP reloads. SIGTERM and SIGINT stop: no new connections, requests in flight are finished within "
                  "`drain`; a second one ends at once.\nExample: reseal run -c /etc/reseal/reseal.yaml");
  run_app->callback([&] { chosen = [&] { return run(config_file, workers); }; });

  auto* check_app = app.add_subcommand("check", "Say whether a configuration would load, and what is wrong with it");
  check_app->add_option("-c,--config", config_file, "configuration file")->required()->type_name("FILE");
  check_app->footer("Reads certificates and resolves names too; listens nowhere. Reports every problem at once.\n"
                    "Example: reseal check -c reseal.yaml && reseal reload -c reseal.yaml");
  check_app->callback([&] { chosen = [&] { return check(config_file); }; });

  auto* reload_app = app.add_subcommand("reload", "Have the running process read its configuration again");
  add_target(*reload_app, target);
  reload_app->footer("Waits until every worker serves the new configuration and prints what changed, or why it was refused "
                     "(exit status 1; the running configuration then stays as it was).\nExample: reseal reload");
  reload_app->callback([&] { chosen = [&] { return reload(target); }; });

  auto* stats_app = app.add_subcommand("stats", "Show statistics of the running process");
  add_target(*stats_app, target);
  stats_app->add_flag("--json", json, "as JSON, for programs");
  stats_app->footer("Columns: queries a second over 1, 10 and 60 s, requests in flight NOW, totals, responses by class, "
                    "errors with servers, retries, latency, TLS handshakes full and resumed.\n"
                    "Example: watch -n1 reseal stats");
  stats_app->callback([&] { chosen = [&] { return stats(target, json); }; });

  auto* stop_app = app.add_subcommand("stop", "Stop the running process: finish what is in flight, then end");
  add_target(*stop_app, target);
  stop_app->add_flag("--wait", wait, "return when it has ended");
  stop_app->footer("Example: reseal stop --wait");
  stop_app->callback([&] { chosen = [&] { return stop(target, wait); }; });

  auto* version_app = app.add_subcommand("version", "Print the version");
  version_app->callback([&] {
    chosen = [] {
      fmt::print("reseal {}\n", runtime::kVersion);
      return 0;
    };
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    if (!asked_for_help) explain_unknown(app, argc, argv);
    app.exit(error);
    return asked_for_help ? 0 : kUsageError;
  }
  if (chosen) return chosen();
  fmt::print(stderr, "{}", app.help());
  return kUsageError;
}

}  // namespace reseal::cli
