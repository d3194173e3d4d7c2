#include "lb/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/config/did_you_mean.h"
#include "lb/config/model.h"
#include "lb/runtime/version.h"

namespace reseal::cli {
namespace {

/// What the arguments said; `chosen` runs the subcommand.
struct Arguments {
  std::string config_file;
  int workers = 0;
  Target target;
  std::vector<std::string> haproxy_files;
  bool json = false;
  bool wait = false;
  std::function<int()> chosen;
};

void add_config_file(CLI::App& command, Arguments& arguments) {
  command.add_option("-c,--config,FILE", arguments.config_file, "configuration file")
      ->required()
      ->type_name("FILE");
}

/// How the commands that talk to a running process find it.
void add_target(CLI::App& command, Arguments& arguments) {
  auto* socket =
      command.add_option("-s,--socket", arguments.target.socket,
                         fmt::format("admin socket of the process (default {})", config::Admin().socket));
  auto* file = command.add_option("-c,--config", arguments.target.config_file,
                                  "configuration file that names the socket (admin: { socket: PATH })");
  socket->type_name("PATH")->excludes(file);
  file->type_name("FILE");
}

void add_run(CLI::App& app, Arguments& arguments) {
  auto* command = app.add_subcommand("run", "Serve until stopped (in the foreground; log on standard error)");
  add_config_file(*command, arguments);
  command->add_option("--workers", arguments.workers, "worker threads, in place of `workers` in the file")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  command->footer(
      "It is ready when the log says \"ready:\". SIGHUP reloads. SIGTERM and SIGINT stop: no new "
      "connections,\n"
      "requests in flight are finished within `drain`; a second one ends at once.\n"
      "Example: reseal run -c /etc/reseal/reseal.yaml");
  command->callback(
      [&] { arguments.chosen = [&] { return run(arguments.config_file, arguments.workers); }; });
}

void add_check(CLI::App& app, Arguments& arguments) {
  auto* command =
      app.add_subcommand("check", "Say whether a configuration would load, and what is wrong with it");
  add_config_file(*command, arguments);
  command->footer(
      "Reads certificates and resolves names too; listens nowhere. Reports every problem at once, with its "
      "place.\n"
      "Example: reseal check -c reseal.yaml && reseal reload -c reseal.yaml");
  command->callback([&] { arguments.chosen = [&] { return check(arguments.config_file); }; });
}

void add_reload(CLI::App& app, Arguments& arguments) {
  auto* command = app.add_subcommand("reload", "Have the running process read its configuration again");
  add_target(*command, arguments);
  command->footer(
      "Waits until every worker serves the new configuration and prints what changed, or why it was refused\n"
      "(exit status 1; the running configuration then stays as it was). No request is lost either way.\n"
      "Example: reseal reload");
  command->callback([&] { arguments.chosen = [&] { return reload(arguments.target); }; });
}

void add_stats(CLI::App& app, Arguments& arguments) {
  auto* command = app.add_subcommand("stats", "Show statistics of the running process");
  add_target(*command, arguments);
  command->add_flag("--json", arguments.json, "as JSON, with everything there is, for programs");
  command->footer(
      "Columns: queries a second over 1, 10 and 60 s; requests in flight NOW and in total; responses by "
      "class;\n"
      "ERRors with servers; RETRYs; latency that half, 90 % and 99 % of the requests did not exceed; TLS\n"
      "handshakes, FULL and RESUMed. Below: why a server is down, and the configuration's warnings.\n"
      "Examples: reseal stats\n"
      "          watch -n1 reseal stats\n"
      "          reseal stats --json | jq '.entities[] | select(.kind == \"server\") | {name, state, qps}'");
  command->callback([&] { arguments.chosen = [&] { return stats(arguments.target, arguments.json); }; });
}

void add_stop(CLI::App& app, Arguments& arguments) {
  auto* command = app.add_subcommand("stop", "Stop the running process: finish what is in flight, then end");
  add_target(*command, arguments);
  command->add_flag("--wait", arguments.wait, "return when the process has ended");
  command->footer(
      "The same as SIGTERM; `drain` in the configuration bounds it.\nExample: reseal stop --wait");
  command->callback([&] { arguments.chosen = [&] { return stop(arguments.target, arguments.wait); }; });
}

void add_convert(CLI::App& app, Arguments& arguments) {
  auto* command = app.add_subcommand("convert", "Print a haproxy.cfg as YAML of reseal's own");
  command
      ->add_option("FILE", arguments.haproxy_files,
                   "files in HAProxy's language; of folders all *.cfg, as with haproxy -f")
      ->required()
      ->type_name("");
  command->footer(
      "What is printed serves what the files do; comments say where each section comes from and what is to "
      "be\n"
      "known about it. Files that `reseal haproxy` would refuse, and anything that YAML has no words for, "
      "are\n"
      "errors: nothing is printed then. Passwords are printed as they stand in the files.\n"
      "Example: reseal convert /etc/haproxy/haproxy.cfg > reseal.yaml && reseal check -c reseal.yaml");
  command->callback([&] { arguments.chosen = [&] { return convert(arguments.haproxy_files); }; });
}

void add_version(CLI::App& app, Arguments& arguments) {
  app.add_subcommand("version", "Print the version")->callback([&] {
    arguments.chosen = [] {
      fmt::print("reseal {}\n", runtime::kVersion);
      return kDone;
    };
  });
}

/// CLI11 would call it an unexpected argument. True if the first argument is meant as a command and is none.
bool explain_unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::ranges::find(names, std::string_view(argv[1])) != names.end()) return false;
  complain(fmt::format("there is no command '{}'{} (there are: {}; each has its --help)", argv[1],
                       config::did_you_mean(argv[1], names), config::one_of(names)));
  return true;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  // HAProxy's flags are not of the kind that CLI11 reads ("-db", "-sf PID...").
  if (argc > 0 && std::filesystem::path(argv[0]).filename() == "haproxy") return haproxy(argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "haproxy") return haproxy(argc - 1, argv + 1);
  CLI::App app("Load balancer: opens the client's HTTPS, picks a server, re-seals with mutual TLS.",
               "reseal");
  app.set_version_flag("--version", fmt::format("reseal {}", runtime::kVersion));
  app.require_subcommand(0, 1);
  app.footer(
      "Begin with:\n"
      "  reseal check -c reseal.yaml    is the file right?\n"
      "  reseal run -c reseal.yaml      serve\n"
      "  reseal stats                   who gets how much, and who is down\n\n"
      "Every command has its own --help. Exit status: 0 done, 1 refused or failed, 2 wrong usage.");
  Arguments arguments;
  add_run(app, arguments);
  add_check(app, arguments);
  add_reload(app, arguments);
  add_stats(app, arguments);
  add_stop(app, arguments);
  add_convert(app, arguments);
  add_version(app, arguments);
  app.add_subcommand("haproxy", "Serve what a haproxy.cfg says (HAProxy's own flags: -f FILE, -c ...)");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    if (asked_for_help || !explain_unknown_command(app, argc, argv)) app.exit(error);
    return asked_for_help ? kDone : kUsageError;
  }
  if (arguments.chosen) return arguments.chosen();
  fmt::print(stderr, "{}", app.help());
  return kUsageError;
}

}  // namespace reseal::cli
