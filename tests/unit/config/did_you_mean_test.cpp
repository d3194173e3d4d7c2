#include "lb/config/did_you_mean.h"

#include <catch2/catch.hpp>

using namespace reseal::config;

TEST_CASE("the nearest word is offered, and none when nothing is near") {
  struct Case {
    std::string word;
    std::string expected;
  };
  const std::vector<std::string> accepted = {"servers", "server", "check", "tls", "balance"};
  const Case cases[] = {
      {"serevrs", "servers"},      {"Servers", "servers"}, {"srver", "server"}, {"chekc", "check"},
      {"blance", "balance"},       {"tsl", "tls"},         {"xyzzy", ""},       {"", ""},
      {std::string(1000, 'a'), ""}};
  for (const Case& c : cases) {
    INFO(c.word);
    CHECK(did_you_mean(c.word, accepted) ==
          (c.expected.empty() ? "" : "; did you mean '" + c.expected + "'?"));
  }
  CHECK(did_you_mean("a", {}).empty());
}

TEST_CASE("words are listed as one says them, long ones cut") {
  CHECK(one_of({}).empty());
  CHECK(one_of({"a"}) == "a");
  CHECK(one_of({"a", "b", "c"}) == "a, b or c");
  CHECK(shortened("short") == "short");
  CHECK(shortened(std::string(81, 'x')) == std::string(80, 'x') + "...");
}
