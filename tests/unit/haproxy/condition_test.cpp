#include "lb/haproxy/condition.h"

#include <catch2/catch.hpp>

#include "lb/haproxy/environment.h"
#include "lb/haproxy/predicates.h"

using namespace reseal::haproxy;

namespace {

Abilities abilities() {
  Abilities abilities = own_abilities("OpenSSL 3.0.19 27 Jan 2026");
  abilities.version = "3.2.0";
  return abilities;
}

/// "yes", "no", or "!COLUMN MESSAGE".
std::string answer(std::string_view condition) {
  Environment environment;
  environment.set("HOME", "/srv");
  environment.set("EMPTY", "");
  const auto holds = evaluate_argument(condition, environment, abilities());
  if (!holds) return "!" + std::to_string(holds.error().column) + " " + holds.error().message;
  return *holds ? "yes" : "no";
}

}  // namespace

TEST_CASE("conditions hold or not as in HAProxy") {
  struct Case {
    std::string_view condition;
    bool holds;
  };
  const Case cases[] = {
      {"", false},
      {"\"\"", false},
      {"0", false},
      {"00", false},
      {"1", true},
      {"-1", true},
      {"0x0", false},
      {"0x1f", true},
      {"0x0g", false},
      {"99999999999999999999999999", true},
      {"!0", true},
      {"! ! 0", false},
      {"(1)", true},
      {"( !( 0 ) )", true},
      {"1 && 0", false},
      {"1&&1", true},
      {"0 || 1", true},
      {"1 || 0 && 0", true},
      {"(1 || 0) && 0", false},
      {"0 && 0 || 1", true},
      {"\"1\" \"&&\" 0", false},
      {"defined(HOME)", true},
      {"defined(EMPTY)", true},
      {"defined(NOPE)", false},
      {"defined", false},
      {"defined()", false},
      {"streq(a,a)", true},
      {"streq(a,b)", false},
      {"streq(a, a)", false},
      {"streq(,)", true},
      {"streq(\"$HOME\",/srv)", true},
      {"streq(\\\"a,b\\\",\\\"a,b\\\")", true},
      {"streq('a)b',\"a)b\")", false},  // the quotes are gone before the arguments are read
      {"strneq(a,b)", true},
      {"strstr(abcd,bc)", true},
      {"strstr(abcd,x)", false},
      {"strstr(abcd,)", true},
      {"feature(OPENSSL)", true},
      {"feature(openssl)", false},
      {"enabled(EPOLL)", true},
      {"enabled(KQUEUE)", false},
      {"version_atleast(3.2.0)", true},
      {"version_atleast(3.2)", true},
      {"version_atleast(3.2-dev7)", true},
      {"version_atleast(2.4-dev19)", true},
      {"version_atleast(3.2.1)", false},
      {"version_atleast(3.10)", false},
      {"version_atleast(4)", false},
      {"version_atleast()", true},
      {"version_before(3.2.0)", false},
      {"version_before(3.2-dev1)", false},
      {"version_before(3.3)", true},
      {"version_before(99999999999999999999999)", true},
      {"openssl_version_atleast(1.1.1)", true},
      {"openssl_version_atleast(3.0.19)", true},
      {"openssl_version_atleast(3.0.19a)", false},
      {"openssl_version_atleast(3.0.20-beta1)", false},
      {"openssl_version_before(3.0.20-beta1)", true},
      {"openssl_version_before(0.9.8zh)", false},
      {"ssllib_name_startswith(OpenSSL)", true},
      {"ssllib_name_startswith(AWS-LC)", false},
      {"awslc_api_atleast(1)", false},
      {"awslc_api_before(1)", false},
      {"!streq(a,b) && (defined(HOME) || 0)", true},
  };
  for (const Case& c : cases) {
    INFO(c.condition);
    const std::string given = answer(c.condition);
    if (c.condition == "0x0g" || c.condition == "streq('a)b',\"a)b\")") {
      CHECK(given.starts_with("!"));
    } else {
      CHECK(given == (c.holds ? "yes" : "no"));
    }
  }
}

TEST_CASE("what is no condition is told with its column") {
  struct Case {
    std::string_view condition;
    int column;
    std::string_view message;
  };
  const Case cases[] = {
      {"1 0", 3, "'&&', '||' or the end"},
      {"1x", 2, "'&&', '||' or the end"},
      {"08", 2, "'&&', '||' or the end"},
      {"0x", 2, "'&&', '||' or the end"},
      {"1 & 1", 3, "'&&', '||' or the end"},
      {"1)", 2, "'&&', '||' or the end"},
      {"1 &&", 5, "expected here is a number or a predicate"},
      {"&& 1", 1, "expected here is a number or a predicate"},
      {"!", 2, "expected here is a number or a predicate"},
      {"()", 2, "expected here is a number or a predicate"},
      {"- 1", 1, "expected here is a number or a predicate"},
      {"(1", 1, "this parenthesis is not closed"},
      {"1 && (1 || 0", 6, "this parenthesis is not closed"},
      {"foo", 1, "unknown predicate 'foo'"},
      {"0 && definde(HOME)", 6, "did you mean 'defined'?"},
      {"1 || foo", 6, "unknown predicate 'foo'"},
      {"streq(a)", 9, "2 arguments are expected, 1 given"},
      {"streq (a,a)", 6, "2 arguments are expected, 1 given"},
      {"streq(a,a,a)", 10, "too many arguments"},
      {"defined(HOME", 13, "')' is expected here"},
      {"defined(\\\"HOME)", 9, "a quote in this argument is not closed"},
      {"\"1", 1, "this quote is not closed"},
      {"\"$1\"", 3, "begins with a letter"},
  };
  for (const Case& c : cases) {
    INFO(c.condition);
    const std::string given = answer(c.condition);
    CHECK_THAT(given, Catch::StartsWith("!" + std::to_string(c.column) + " "));
    CHECK_THAT(given, Catch::Contains(std::string(c.message)));
  }
}

TEST_CASE("conditions cannot nest without end") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "1" + std::string(depth, ')');
  };
  CHECK(answer(nested(64)) == "yes");
  CHECK(answer(nested(65)) == "!65 too many parentheses within each other");
  CHECK(answer(std::string(60'000, '(')).starts_with("!65 "));
  CHECK(answer(std::string(60'000, '!') + "1") == "yes");
}

TEST_CASE("every predicate can be found by its name") {
  for (const std::string& name : predicate_names()) {
    INFO(name);
    REQUIRE(find_predicate(name) != nullptr);
    CHECK(find_predicate(name)->name == name);
  }
  CHECK(find_predicate("") == nullptr);
}
