#include "lb/cli/command_line.h"

#include <catch2/catch.hpp>
#include <iterator>
#include <regex>
#include <set>

#include "tests/unit/cli/cli_test_support.h"

using namespace reseal;
using namespace reseal::cli;

namespace {

const std::vector<std::string>& subcommands() {
  static const std::vector<std::string> names = {"run",  "check",   "reload", "stats",
                                                 "stop", "haproxy", "version"};
  return names;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string documentation(const char* name) {
  std::ifstream file(std::string(RESEAL_DOCS "/") + name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The long options that the help of `command` names.
std::set<std::string> options_of(const std::string& command) {
  const std::string help = run_reseal({command, "--help"}).out;
  const std::regex option(R"re(\n  (?:-[a-z],)?(--[a-z]+))re");
  std::set<std::string> options;
  for (std::sregex_iterator it(help.begin(), help.end(), option), end; it != end; ++it)
    options.insert((*it)[1]);
  return options;
}

}  // namespace

TEST_CASE("every command has a help with its usage, on standard output") {
  const Outcome all = run_reseal({"--help"});
  CHECK(all.status == 0);
  CHECK(all.error.empty());
  for (const std::string& command : subcommands()) {
    INFO(command);
    CHECK(contains(all.out, "\n  " + command + " "));
    const Outcome one = run_reseal({command, "--help"});
    CHECK(one.status == 0);
    CHECK(one.error.empty());
    CHECK(contains(one.out, "Usage: reseal " + command));
    if (command != "version") CHECK(contains(one.out, "Example"));
  }
}

TEST_CASE("wrong usage is status 2, a sentence on standard error and nothing on standard output") {
  struct Case {
    std::vector<std::string> arguments;
    const char* part;
  };
  for (const Case& c :
       {Case{{}, "Usage: reseal"}, Case{{"relaod"}, "there is no command 'relaod'; did you mean 'reload'?"},
        Case{{"xyzzy", "-c", "f"}, "(there are: run, check, "}, Case{{"run"}, "--config is required"},
        Case{{"check"}, "--config is required"}, Case{{"run", "-c"}, "--config"},
        Case{{"run", "-c", "f", "--workers", "0"}, "--workers"},
        Case{{"run", "-c", "f", "--workers", "many"}, "--workers"}, Case{{"stats", "--jsno"}, "--jsno"},
        Case{{"reload", "now"}, "now"}, Case{{"stop", "-s", "a", "-c", "b"}, "excludes"},
        Case{{"--nothing"}, "--nothing"}}) {
    const Outcome outcome = run_reseal(c.arguments);
    INFO(outcome.error);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK(contains(outcome.error, c.part));
  }
}

TEST_CASE("the version is one line, asked either way") {
  const Outcome command = run_reseal({"version"});
  CHECK(command.status == 0);
  CHECK(std::regex_match(command.out, std::regex("reseal [0-9]+\\.[0-9]+\\.[0-9]+\n")));
  CHECK(run_reseal({"--version"}).out == command.out);
}

TEST_CASE("check counts what there is, and has status 1 and every problem when there is one") {
  const Folder folder;
  const std::string good =
      folder.write("good.yaml",
                   "frontends: { web: { bind: ['127.0.0.1:8080'], default: web } }\n"
                   "backends:\n  web: { servers: { a: '127.0.0.1:8081', b: '127.0.0.1:8082' } }\n");
  Outcome outcome = run_reseal({"check", "-c", good});
  INFO(outcome.error);
  CHECK(outcome.status == 0);
  CHECK(outcome.out == good + ": ok: 1 frontend, 1 backend, 2 servers\n");

  const std::string bad = folder.write("bad.yaml",
                                       "frontends: { web: { bnid: ['127.0.0.1:8080'], default: wbe } }\n"
                                       "backends:\n  web: { servers: { a: '127.0.0.1:8081' } }\n");
  outcome = run_reseal({"check", "-c", bad});
  INFO(outcome.error);
  CHECK(outcome.status == 1);
  CHECK(outcome.out.empty());
  CHECK(contains(outcome.error, bad + ":1:"));
  CHECK(contains(outcome.error, "bnid"));
  CHECK(contains(outcome.error, " errors\n"));

  outcome = run_reseal({"check", "-c", folder.path("missing.yaml")});
  CHECK(outcome.status == 1);
  CHECK(contains(outcome.error, "missing.yaml"));
}

TEST_CASE("run starts nothing when the file does not load or the admin socket cannot be had, and says why") {
  const Folder folder;
  Outcome outcome = run_reseal({"run", "-c", folder.path("missing.yaml")});
  CHECK(outcome.status == 1);
  CHECK(contains(outcome.error, "missing.yaml does not load; nothing was started"));

  const std::string rest =
      "frontends: { web: { bind: ['127.0.0.1:0'], default: web } }\n"
      "backends: { web: { servers: { a: '127.0.0.1:8081' } } }\n";
  outcome = run_reseal({"run", "-c", folder.write("a.yaml", "admin: { socket: no/folder.sock }\n" + rest)});
  CHECK(outcome.status == 1);
  CHECK(contains(outcome.error,
                 "no/folder.sock: cannot bind: No such file or directory; its folder does not exist"));

  const net::Fd other = listening_socket(folder.path("taken.sock"));
  outcome = run_reseal({"run", "-c", folder.write("b.yaml", "admin: { socket: taken.sock }\n" + rest)});
  CHECK(outcome.status == 1);
  CHECK(contains(outcome.error, "another process answers on this socket"));
}

TEST_CASE("docs/cli.md and the man page name every command and every option") {
  const std::string page = documentation("cli.md");
  const std::string man = documentation("reseal.1");
  for (const std::string& command : subcommands()) {
    CHECK(contains(page, "\n## reseal " + command));
    CHECK(contains(man, "\n.SS reseal " + command));
    const auto begin = page.find("\n## reseal " + command);
    const std::string section = page.substr(begin, page.find("\n## ", begin + 1) - begin);
    for (const std::string& option : options_of(command)) {
      INFO(command << " " << option);
      if (option == "--help") continue;
      CHECK(contains(section, option));
      std::string groff = option;  // hyphens are written \- there
      for (std::size_t at = 0; (at = groff.find('-', at)) != std::string::npos; at += 2)
        groff.insert(at, "\\");
      CHECK(contains(man, groff));
    }
  }
}
