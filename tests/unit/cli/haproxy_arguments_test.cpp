#include "lb/cli/haproxy_arguments.h"

#include <catch2/catch.hpp>

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
  const auto parsed = parse({"-f", "a", "-db", "-V", "-q", "-dMx", "-m", "100", "-n", "5", "-dr"});
  REQUIRE(parsed);
  CHECK(parsed->is_quiet);
  CHECK(parsed->without_effect == std::vector<std::string>{"-dMx", "-m", "-n", "-dr"});
}

TEST_CASE("what would be relied on and is not there is refused") {
  for (const char* flag : {"-D", "-W", "-Ws", "-sf", "-st", "-x", "-S"}) {
    INFO(flag);
    const auto parsed = parse({"-f", "a", flag});
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find("is not there yet") != std::string::npos);
  }
  CHECK(parse({"-z"}).error() == "'-z' is no flag that reseal knows");
  CHECK(parse({"-f"}).error() == "-f is followed by nothing");
}
