#include "lb/admin/command_table.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/admin/admin_test_support.h"

using namespace reseal;
using namespace reseal::admin;

namespace {

std::string answer_to(FakeControl& control, std::string_view line) {
  std::string wire;
  run_command(line, control, [&](const Answer& answer) { wire = answer.wire(); });
  return wire;
}

}  // namespace

TEST_CASE("every command answers by its name, whatever blanks are around it") {
  struct Case {
    const char* line;
    const char* beginning;
  };
  for (const Case& c : {Case{"version", "ok\nreseal "}, Case{"health", "ok\nok\n"}, Case{"stats", "ok\n{\n"},
                        Case{"metrics", "ok\n# HELP reseal_"}, Case{"help", "ok\nstats "},
                        Case{" \thealth ", "ok\nok\n"}, Case{"health\r", "ok\nok\n"}}) {
    FakeControl control;
    INFO(c.line);
    CHECK(answer_to(control, c.line).starts_with(c.beginning));
  }
}

TEST_CASE("a line that is no command is answered with all there are, and nothing in it comes back raw") {
  for (const std::string_view line :
       {std::string_view("relaod"), std::string_view(""), std::string_view("reload now"),
        std::string_view("RELOAD"), std::string_view("\0\xff\x1b[31m", 7)}) {
    FakeControl control;
    const std::string wire = answer_to(control, line);
    CHECK(wire.starts_with("unknown\nunknown command '"));
    for (const Command& command : commands()) {
      CHECK(wire.find(std::string("\n") + command.name + " ") != std::string::npos);
    }
    for (const char c : wire) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
    CHECK_FALSE(control.pending);
  }
}

TEST_CASE("a reload is answered when it is over, with its outcome") {
  FakeControl control;
  std::string wire;
  run_command("reload", control, [&](const Answer& answer) { wire = answer.wire(); });
  REQUIRE(control.pending);
  CHECK(wire.empty());
  SECTION("done") {
    control.pending({true, "server web/web4 added\n"});
    CHECK(wire == "ok\nserver web/web4 added\n");
  }
  SECTION("refused") {
    control.pending({false, "reseal.yaml:3:1: error: no\n"});
    CHECK(wire == "refused\nreseal.yaml:3:1: error: no\n");
  }
}

TEST_CASE("stop begins the drain, and health tells") {
  FakeControl control;
  CHECK(answer_to(control, "stop") == "ok\nstopping\n");
  CHECK(control.draining);
  CHECK(answer_to(control, "health") == "refused\ndraining\n");
}

TEST_CASE("no two commands have the same name, and each says what it does") {
  std::set<std::string> names;
  for (const Command& command : commands()) {
    CHECK(names.insert(command.name).second);
    CHECK(std::string(command.help).size() > 5);
  }
}
