// A conversation of HAProxy's runtime API, in all fragment sizes.
#include "lb/admin/cli_session.h"

#include <catch2/catch.hpp>

#include "tests/unit/admin/admin_test_support.h"

using namespace reseal;
using namespace reseal::admin;

namespace {

struct Talk {
  FakeControl control;
  config::RuntimeApi api;
  std::string answers;
  bool over = false;
  bool broken = false;

  Talk(std::string_view text, std::size_t piece, config::AccessLevel level = config::AccessLevel::kAdmin) {
    CliSession session(control, api, level);
    while (!text.empty() && !session.is_over() && !broken) {
      broken = !session.feed(text.substr(0, piece));
      text.remove_prefix(std::min(piece, text.size()));
      while (!broken && session.run_next(answers)) {
      }
    }
    over = session.is_over();
  }
};

}  // namespace

TEST_CASE("commands and what is answered to them") {
  struct Row {
    const char* name;
    const char* input;
    const char* answers;
    bool over;
  };
  const Row rows[] = {
      {"one", "show cli level\n", "admin\n\n", true},
      {"a line's end of Windows", "show cli level\r\n", "admin\n\n", true},
      {"blanks", "  show \t cli  level  \n", "admin\n\n", true},
      {"two on a line", "show cli level;show cli level\n", "admin\n\nadmin\n\n", true},
      {"a semicolon that is meant", "get weight a\\;b\n", "Require 'backend/server'.\n\n", true},
      {"without its end", "show cli level", "", false},
      {"with a prompt", "prompt\nshow cli level\n", "\n> admin\n\n> ", false},
      {"prompt and back", "prompt\nprompt\n", "\n> \n", true},
      {"quit", "prompt\nquit\nshow cli level\n", "\n> ", true},
      {"quit within a line", "quit;show cli level\n", "", true},
      {"levels go down", "operator;show cli level;admin\n", "\noperator\n\n", true},
      {"and not up", "user;operator;show cli level\n", "\n\nuser\n\n", true},
      {"denied", "user;show env\n", "\nPermission denied\n\n", true},
      {"severities", "set severity-output number;get weight x\n", "\n[3]: Require 'backend/server'.\n\n",
       true},
      {"in words", "set severity-output string;show cli level\n", "\n[info]: admin\n\n", true},
      {"a payload", "get weight x <<\nline\nline\n\n", "Require 'backend/server'.\n\n", true},
      {"a payload without its end", "get weight x <<\nline\n", "", false},
  };
  for (const Row& row : rows) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 100U}) {
      INFO(row.name << " in pieces of " << piece);
      // Without a prompt the first line that is answered ends it; what follows must be there by then.
      if (piece < 100 && std::string_view(row.input).find('\n') + 1 != std::string_view(row.input).size() &&
          !std::string_view(row.input).starts_with("prompt") &&
          std::string_view(row.input).find("<<") == std::string_view::npos)
        continue;
      const Talk talk(row.input, piece);
      const std::string expected = row.answers;
      CHECK(talk.answers.substr(0, expected.size()) == expected);
      if (!std::string_view(row.input).ends_with("admin\n")) CHECK(talk.answers == expected);
      CHECK(talk.over == row.over);
    }
  }
}

TEST_CASE("what is cleared") {
  CHECK(Talk("clear counters\n", 100).control.peaks_cleared == 1);
  const Talk all("clear counters all\n", 100);
  CHECK(all.control.cleared == 1);
  CHECK(all.control.peaks_cleared == 0);
  CHECK(Talk("clear counters all\n", 100, config::AccessLevel::kOperator).control.cleared == 0);
}

TEST_CASE("help and what is no command") {
  const std::string help = Talk("help\n", 100).answers;
  CHECK(help.starts_with(
      "The following commands are valid at this level:\n  clear counters [all]                    : "));
  for (const CliCommand& command : cli_commands())
    CHECK(help.find("  " + std::string(command.name)) != std::string::npos);
  const std::string show = Talk("show\n", 100).answers;
  CHECK(show.starts_with(
      "Unknown command, but maybe one of the following ones is a better match:\n  show activity "));
  CHECK(show.find("clear counters") == std::string::npos);
  CHECK(show.find("  quit ") != std::string::npos);
  CHECK(Talk("shwo stat\n", 100).answers.find("  show stat ") != std::string::npos);
  CHECK(Talk("\n", 100).answers.starts_with(
      "Unknown command. Please enter one of the following commands only:\n"));
  CHECK(Talk("set server a/b state ready\n", 100).answers == "'set server' is not there yet in reseal.\n\n");
}

TEST_CASE("lines have a limit, and so have payloads") {
  CHECK_FALSE(Talk(std::string(CliSession::kLongestLine, 'x') + "\n", 4096).broken);
  CHECK(Talk(std::string(CliSession::kLongestLine + 1, 'x'), 4096).broken);
  CHECK_FALSE(Talk("get weight <<\n" + std::string(100'000, 'x') + "\n\n", 4096).broken);
  CHECK(Talk("get weight <<\n" + std::string(CliSession::kLongestPayload + 1, 'x'), 4096).broken);
}
