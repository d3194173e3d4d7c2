#include "lb/haproxy/words.h"

#include <catch2/catch.hpp>

#include "lb/haproxy/environment.h"

using namespace reseal::haproxy;

namespace {

Environment some_variables() {
  const char* const strings[] = {
      "HOME=/srv", "EMPTY=", "LIST=one two  three", "EDGES= a b ", "QUOTES='\"\\$ #", "=x",
      "noequals",  nullptr};
  return Environment(strings);
}

/// "<a><b c>", and behind it "!COLUMN" if there is an error.
std::string shown(std::string_view line) {
  const SplitLine split = split_words(line, some_variables());
  std::string text;
  for (const Word& word : split.words) text += "<" + word.text + ">";
  if (split.error) text += "!" + std::to_string(split.error->column);
  return text;
}

}  // namespace

TEST_CASE("a line is cut into words as HAProxy does") {
  struct Case {
    std::string_view line;
    std::string_view expected;
  };
  const Case cases[] = {
      {"", ""},
      {" \t ", ""},
      {"# x", ""},
      {"a", "<a>"},
      {"  bind\t*:80 # all", "<bind><*:80>"},
      {"a\vb\fc", "<a><b><c>"},
      {"a#b c", "<a>"},
      {"a\\#b", "<a#b>"},
      {"\"a#b\" '#'", "<a#b><#>"},
      {"\"a b\"c'd e'", "<a bcd e>"},
      {"\"\" '' x", "<><><x>"},
      {"a\\ b", "<a b>"},
      {"a\\\\", "<a\\>"},
      {"\\\"a\\'", "<\"a'>"},
      {"\"it's\" '\"'", "<it's><\">"},
      {"\"\\'\"", "<'>"},
      {"'a\\'", "<a\\>"},
      {"\\.\\q", "<\\.\\q>"},
      {"\"\\.\"", "<\\.>"},
      {"\\n\\r\\t", "<\n\r\t>"},
      {"\"\\n\" '\\n'", "<\n><\\n>"},
      {"\\x41\\x7e\"\\x22\"", "<A~\">"},
      {"\\X41", "<\\X41>"},
      {"a\\", "<a\\>"},
      {"$HOME '$HOME' \\$HOME \"\\$HOME\"", "<$HOME><$HOME><\\$HOME><$HOME>"},
      {"\"$HOME/x\" \"${HOME}x\" \"$HOMEx\"", "</srv/x></srvx><>"},
      {"\"$NOPE\" \"${EMPTY}\"", "<><>"},
      {"\"${NOPE-a b}c\" \"${HOME-x}\" \"${EMPTY-x}\"", "<a bc></srv><>"},
      {"\"${NOPE-\\\"$}\"", "<\\\"$>"},
      {"\"${NOPE-}\"", "<>"},
      {"\"$QUOTES\"", "<'\"\\$ #>"},
      {"\"$LIST\"", "<one two  three>"},
      {"\"${LIST[*]}\"", "<one><two><three>"},
      {"x\"${LIST[*]}\"y", "<xone><two><threey>"},
      {"\"$LIST[*]\"", "<one two  three[*]>"},
      {"\"${EMPTY[*]}\"", "<>"},
      {"\"${EDGES[*]}\"", "<><a><b><>"},
      {"\"${NOPE[*]-x y}\"", "<x><y>"},
      {"\xc3\xa4 \"\xff\"", "<\xc3\xa4><\xff>"},
  };
  for (const Case& c : cases) {
    INFO(c.line);
    CHECK(shown(c.line) == c.expected);
  }
}

TEST_CASE("what is no line of words is told with its column") {
  struct Case {
    std::string_view line;
    std::string_view expected;
    std::string_view message;
  };
  const Case cases[] = {
      {"a \"b", "<a><b>!3", "this quote is not closed"},
      {"a 'b\"", "<a><b\">!3", "this quote is not closed"},
      {"a\"b\" 'c", "<ab><c>!6", "this quote is not closed"},
      {"a \\x4", "<a>!3", "hexadecimal"},
      {"a b\\xg0", "<a><b>!4", "hexadecimal"},
      {"\\x00", "!1", "\\x00 cannot be part of a word"},
      {"a \"$\"", "<a><>!5", "begins with a letter or '_'"},
      {"a \"$1\"", "<a><>!5", "begins with a letter or '_'"},
      {"a \"${}\"", "<a><>!6", "begins with a letter or '_'"},
      {"\"${HOME\"", "<>!2", "brace is not closed"},
      {"\"${HOME-x\"", "<>!2", "brace is not closed"},
      {"\"${HOME[*]\"", "<>!2", "brace is not closed"},
      {"\"${HOME x}\"", "<>!2", "brace is not closed"},
      {"\"${HOME[0]}\"", "<>!8", "only [*] may follow"},
      {"\"$.FOO\"", "<>!3", ".FILE, .LINE and .SECTION"},
      {"a\rb", "<a>!2", "carriage return"},
      {std::string_view("a\0b", 3), "<a>!2", "NUL"},
      {std::string_view("'a\0'", 4), "<a>!3", "NUL"},
      {std::string_view("\"${X-a\0b}\"", 10), "<a>!10", "NUL"},
  };
  for (const Case& c : cases) {
    INFO(c.line);
    CHECK(shown(c.line) == c.expected);
    const SplitLine split = split_words(c.line, some_variables());
    REQUIRE(split.error);
    CHECK_THAT(split.error->message, Catch::Contains(std::string(c.message)));
  }
}

TEST_CASE("each word knows its column and whether it was quoted") {
  const SplitLine split = split_words("  ab \"c d\"e ''f  \\ g \"${LIST[*]}\"", some_variables());
  struct Expected {
    std::string_view text;
    int column;
    bool quoted;
  };
  const Expected expected[] = {{"ab", 3, false},  {"c de", 6, true}, {"f", 13, true},    {" g", 18, false},
                               {"one", 22, true}, {"two", 23, true}, {"three", 23, true}};
  REQUIRE(split.words.size() == std::size(expected));
  for (std::size_t i = 0; i < split.words.size(); ++i) {
    INFO(i);
    CHECK(split.words[i].text == expected[i].text);
    CHECK(split.words[i].column == expected[i].column);
    CHECK(split.words[i].quoted == expected[i].quoted);
  }
}

TEST_CASE("lines are bounded, before and after their variables are replaced") {
  const auto words = [](std::size_t count) {
    std::string line;
    for (std::size_t i = 0; i < count; ++i) line += "w ";
    return split_words(line, {});
  };
  CHECK_FALSE(words(kMostWords).error);
  CHECK(words(kMostWords + 1).error);
  CHECK(words(kMostWords + 1).words.size() == kMostWords);
  CHECK_FALSE(split_words(std::string(kMostLineBytes, 'a'), {}).error);
  CHECK(split_words(std::string(kMostLineBytes + 1, 'a'), {}).error);
  CHECK(split_words(std::string(kMostLineBytes + 1, 'a'), {}).words.empty());
  Environment environment;
  environment.set("A", std::string(40'000, 'a'));
  CHECK_FALSE(split_words("\"$A\"", environment).error);
  const SplitLine twice = split_words("\"$A\" \"$A\"", environment);
  REQUIRE(twice.error);
  CHECK(twice.error->message == "the line is longer than 65536 bytes once its variables are replaced");
  environment.set("A", std::string(300, ' '));
  CHECK(split_words("\"${A[*]}\"", environment).words.size() == 2);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "w ";
  environment.set("A", many);
  CHECK(split_words("\"${A[*]}\"", environment).error);
}

TEST_CASE("an environment is what it was given and what was set") {
  Environment environment = some_variables();
  CHECK(environment.find("HOME") == "/srv");
  CHECK(environment.find("EMPTY") == "");
  CHECK_FALSE(environment.find(""));
  CHECK_FALSE(environment.find("noequals"));
  environment.set("HOME", "/");
  CHECK(environment.find("HOME") == "/");
  environment.unset("HOME");
  environment.unset("NOPE");
  CHECK_FALSE(environment.find("HOME"));
  const std::string_view kept[] = {"LIST", "NOPE"};
  environment.keep_only(kept);
  CHECK(environment.find("LIST"));
  CHECK_FALSE(environment.find("EMPTY"));
  define_predefined(environment, "peer1");
  CHECK(environment.find("HAPROXY_LOCALPEER") == "peer1");
  CHECK(environment.find("HAPROXY_BRANCH") == "3.2");
  environment.set("HAPROXY_LOCALPEER", "mine");
  define_predefined(environment, "peer1");
  CHECK(environment.find("HAPROXY_LOCALPEER") == "mine");
  CHECK_FALSE(Environment(nullptr).find("HOME"));
}
