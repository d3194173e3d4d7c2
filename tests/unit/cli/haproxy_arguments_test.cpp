#include "lb/cli/haproxy_arguments.h"

#include <catch2/catch.hpp>
#include <csignal>

using namespace reseal::cli;

namespace {

auto parse(std::vector<const char*> arguments) {
  return parse_haproxy_arguments(arguments);
}

}  // namespace

TEST_CASE("files come from -f, several times, and from what follows --") {
  const auto parsed = parse({"-f", "a.cfg", "-c", "-f", "conf.d", "--", "b.cfg", "-c.cfg"});
  REQUIRE(parsed);
  CHECK(parsed->files == std::vector<std::string>{"a.cfg", "conf.d", "b.cfg", "-c.cfg"});
  CHECK(parsed->checks_only);
}

TEST_CASE("flags of HAProxy that change nothing here are taken, and told where one might rely on them") {
  const auto parsed = parse(
      {"-f", "a", "-db", "-V", "-q", "-dMx", "-m", "100", "-N", "5", "-dr", "-S", "/run/x", "-x", "/run/y"});
  REQUIRE(parsed);
  CHECK(parsed->is_quiet);
  CHECK(parsed->in_foreground);
  CHECK(parsed->without_effect == std::vector<std::string>{"-dMx", "-m", "-N", "-dr", "-S", "-x"});
}

TEST_CASE("processes to be replaced follow -sf and -st, in one word or several, or none at all") {
  const auto soft = parse({"-f", "a", "-D", "-sf", "12", "34 56", "-q"});
  REQUIRE(soft);
  CHECK(soft->old_processes == std::vector<int>{12, 34, 56});
  CHECK(soft->stop_signal == SIGUSR1);
  CHECK(soft->in_background);
  CHECK(soft->is_quiet);
  const auto none = parse({"-f", "a", "-st"});
  REQUIRE(none);
  CHECK(none->old_processes.empty());
  CHECK(none->stop_signal == SIGTERM);
  CHECK(none->replaces);
  CHECK(parse({"-f", "a", "-sf", "12x"}).error() == "'12x' is no number of a process");
  CHECK(parse({"-f", "a", "-sf", "0"}).error() == "'0' is no number of a process");
}

TEST_CASE("what is obeyed") {
  const auto parsed = parse({"-C", "/etc", "-f", "a", "-n", "500", "-p", "pid", "-dW", "-dD", "-Ws"});
  REQUIRE(parsed);
  CHECK(parsed->folder == "/etc");
  CHECK(parsed->max_connections == 500);
  CHECK(parsed->pid_file == "pid");
  CHECK(parsed->warnings_are_errors);
  CHECK(parsed->shows_diagnostics);
  CHECK(parsed->in_foreground);
}

TEST_CASE("what is not understood is told") {
  CHECK(parse({"-z"}).error() == "'-z' is no flag that reseal knows");
  CHECK(parse({"-f"}).error() == "-f is followed by nothing");
  CHECK(parse({"-n", "many"}).error() == "'many' is no number of connections");
  CHECK(parse({"a.cfg"}).error() == "'a.cfg' is no flag that reseal knows");
}
