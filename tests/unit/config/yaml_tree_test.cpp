// YAML as a tree: anchors, merges, places; and what is refused before it can hurt.
#include "lb/config/yaml_tree.h"

#include <catch2/catch.hpp>

using namespace reseal::config;

namespace {

/// The tree in one line: {key: value, ...} [item, ...] 'text' ~
std::string shape(const YamlNode& node) {
  std::string text;
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "~";
    case YamlNode::Kind::kScalar:
      return "'" + node.text + "'";
    case YamlNode::Kind::kSequence:
      for (const auto& item : node.items) text += (text.empty() ? "" : ", ") + shape(*item);
      return "[" + text + "]";
    case YamlNode::Kind::kMap:
      for (const auto& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + entry.key + ": " + shape(*entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

std::string told(const YamlDocument& document) {
  std::string text;
  for (const YamlError& error : document.errors) {
    text += std::to_string(error.place.line) + ":" + std::to_string(error.place.column) + " " +
            error.message + "\n";
  }
  return text;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("documents become trees") {
  struct Case {
    const char* yaml;
    const char* expected;
  };
  const Case cases[] = {
      {"a: 1\nb: [x, 'y', \"z\"]\n", "{a: '1', b: ['x', 'y', 'z']}"},
      {"a:\n  - b: c\n    d: ~\n  - null\n", "{a: [{b: 'c', d: ~}, ~]}"},
      {"a: |\n  two\n  lines\nb: >\n  one\n  line\n", "{a: 'two\nlines\n', b: 'one line\n'}"},
      {"%YAML 1.2\n---\na: 'null'\n...\n", "{a: 'null'}"},
      {"a: !!str 1\nb: !!map {}\nc: ! x\n", "{a: '1', b: {}, c: 'x'}"},
      {"a: &x [1]\nb: *x\n", "{a: ['1'], b: ['1']}"},
      {"a: &x k\n*x : v\n", "{a: 'k', k: 'v'}"},
      {"a: &x { p: 1, q: 2 }\nb: { <<: *x, q: 3 }\n", "{a: {p: '1', q: '2'}, b: {q: '3', p: '1'}}"},
      {"a: &x { p: 1 }\nb: { q: 3, p: 4, <<: *x }\n", "{a: {p: '1'}, b: {q: '3', p: '4'}}"},
      {"x: &x { p: 1, q: 1 }\ny: &y { q: 2, r: 2 }\nb: { <<: [*y, *x] }\n",
       "{x: {p: '1', q: '1'}, y: {q: '2', r: '2'}, b: {q: '2', r: '2', p: '1'}}"},
      {"x: &x { p: 1 }\ny: &y { <<: *x, q: 2 }\nb: { <<: *y }\n",
       "{x: {p: '1'}, y: {q: '2', p: '1'}, b: {q: '2', p: '1'}}"},
      {"\xc3\xa4: \xf0\x9f\x94\x92\n", "{\xc3\xa4: '\xf0\x9f\x94\x92'}"},
  };
  for (const Case& c : cases) {
    const YamlDocument document = parse_yaml(c.yaml);
    INFO(c.yaml << "\n" << told(document));
    CHECK(document.errors.empty());
    REQUIRE(document.root);
    CHECK(shape(*document.root) == c.expected);
  }
}

TEST_CASE("every value and key knows its place") {
  const YamlDocument document = parse_yaml("a: 1\nbb:\n  - x\n  - { c: [y] }\n");
  REQUIRE(document.root);
  const auto& entries = document.root->entries;
  CHECK(entries[0].value->place == Place{1, 4});
  CHECK(entries[1].key_place == Place{2, 1});
  CHECK(entries[1].value->items[0]->place == Place{3, 5});
  const YamlNode& map = *entries[1].value->items[1];
  CHECK(map.entries[0].key_place == Place{4, 7});
  CHECK(map.find("c")->items[0]->place == Place{4, 11});
  CHECK(map.find("d") == nullptr);
}

TEST_CASE("what hides nothing else is told and passed over") {
  struct Case {
    const char* yaml;
    const char* error;
    const char* rest;
  };
  const Case cases[] = {
      {"a: 1\nb: 2\na: 3\n", "3:1 the key 'a' is here twice; it stands in line 1, column 1 already\n",
       "{a: '1', b: '2'}"},
      {"{ a: 1, a: { b: 2 }, c: 3 }",
       "1:9 the key 'a' is here twice; it stands in line 1, column 3 already\n", "{a: '1', c: '3'}"},
      {"x: &x { p: 1 }\nb: { <<: *x, <<: *x }\n",
       "2:14 the key '<<' is here twice; it stands in line 2, column 6 already\n",
       "{x: {p: '1'}, b: {p: '1'}}"},
      {"a: !include other.yaml\n", "1:4 the tag '!include' is not known; accepted: none\n",
       "{a: 'other.yaml'}"},
      {"a: !!binary YQ==\n", "1:4 the tag 'tag:yaml.org,2002:binary' is not known; accepted: none\n",
       "{a: 'YQ=='}"},
      {"a: { <<: text }\n", "1:10 `<<` is a text; accepted: maps\n", "{a: {}}"},
      {"a: { <<: [{ b: c }, ~] }\n", "1:21 `<<` is nothing; accepted: maps\n", "{a: {b: 'c'}}"},
  };
  for (const Case& c : cases) {
    const YamlDocument document = parse_yaml(c.yaml);
    INFO(c.yaml);
    CHECK(told(document) == c.error);
    REQUIRE(document.root);
    CHECK(shape(*document.root) == c.rest);
  }
}

TEST_CASE("what is no document is refused") {
  struct Case {
    std::string yaml;
    const char* error;
  };
  const std::vector<Case> cases = {
      {"", "1:1 the file is empty\n"},
      {"\n# comment\n", "1:1 the file is empty\n"},
      {"a: 1\n---\nb: 2\n", "3:1 a second document ('---'); one is expected\n"},
      {"? [a]\n: b\n", "1:3 a key must be a plain text\n"},
      {"{ { a: b }: c }", "1:3 a key must be a plain text\n"},
      {"~: 1\n", "1:1 a key must be a plain text\n"},
      {"a: &x [*x]\n", "1:8 an alias within the very value it stands for\n"},
      {"a: *b\n", "1:4 not valid YAML: "},
      {"a: [1, 2\n", "2:1 not valid YAML: "},
      {"a: 'x\n", "not valid YAML: "},
      {"a: b: c\n", "1:5 not valid YAML: "},
      {"a: 1\n\tb: 2\n", "not valid YAML: "},
      {std::string("a: 1\nb: \0\n", 10), "2:4 a NUL byte; is this a text file?\n"},
  };
  for (const Case& c : cases) {
    const YamlDocument document = parse_yaml(c.yaml);
    INFO(c.yaml);
    INFO(told(document));
    CHECK(document.root == nullptr);
    CHECK(told(document).find(c.error) != std::string::npos);
  }
}

TEST_CASE("bytes that are no UTF-8 are refused where they stand") {
  const char* bad[] = {"\x80",
                       "\xc0\x80",
                       "\xc1\xbf",
                       "\xc3",
                       "\xc3(",
                       "\xe0\x9f\xbf",
                       "\xe2\x82",
                       "\xe2(\xa1",
                       "\xed\xa0\x80",
                       "\xf0\x8f\xbf\xbf",
                       "\xf4\x90\x80\x80",
                       "\xf0\x9f\x94",
                       "\xf5\x80\x80\x80",
                       "\xff\xfe",
                       "\xfe"};
  for (const char* bytes : bad) {
    for (const char* rest : {"", "x", "\n"}) {
      const YamlDocument document = parse_yaml(std::string("a: 1\nb: x") + bytes + rest);
      CHECK(document.root == nullptr);
      CHECK(told(document) == "2:5 a byte that is no UTF-8; is this a text file?\n");
    }
  }
  const char* good[] = {"\x7f",         "\xc2\xa0",     "\xdf\xbf",         "\xe0\xa0\x80",
                        "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  for (const char* bytes : good) CHECK(parse_yaml(std::string("a: 'x") + bytes + "y'").root);
}

TEST_CASE("sixty-four levels are accepted, sixty-five are not, however they are written") {
  const auto nested = [](std::size_t levels) { return repeated("[", levels) + repeated("]", levels); };
  CHECK(parse_yaml(nested(63)).root);  // the lists, and what the innermost could hold
  CHECK(parse_yaml("a: " + nested(62)).root);
  CHECK(told(parse_yaml(nested(65))).find("nested more than 64 levels") != std::string::npos);
  // Half of the levels by an alias.
  const auto aliased = [&nested](std::size_t levels) {
    return "a: &a " + nested(40) + "\nb: " + repeated("[", levels) + "*a" + repeated("]", levels) + "\n";
  };
  CHECK(parse_yaml(aliased(23)).root);
  CHECK(told(parse_yaml(aliased(24))).find("nested more than 64 levels") != std::string::npos);
}

TEST_CASE("nesting without end takes neither the stack nor the memory") {
  constexpr std::size_t kBytes = 1024 * 1024;
  for (const std::string opener :
       {"[",   "{",   "{a: ", "[a: ", "- ",   "? ",     "- ? ", "? - ", "[? ", "{? ", "[{",  ": ",
        "!a ", "&a ", "[\n",  "{\n",  "[[a,", "- - : ", "*a ",  "%a\n", "\"",  "'x",  "|\n", "a: "}) {
    INFO(opener);
    const YamlDocument document = parse_yaml(repeated(opener, kBytes / opener.size()));
    CHECK(document.root == nullptr);
  }
  std::string stairs;
  for (std::size_t i = 0; i < 2000; ++i) stairs += std::string(i, ' ') + "a:\n";
  CHECK(told(parse_yaml(stairs)).find("nested more than 64 levels") != std::string::npos);
}

TEST_CASE("alias bombs and masses of values are refused") {
  std::string wide = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  std::string merged = "a0: &a0 { k: [x, x, x, x, x, x, x, x, x, x] }\n";
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string last = "*a" + std::to_string(i - 1);
    chain += name + ": &" + name + " [" + last + "]\n";
    if (i > 10) continue;
    wide += name + ": &" + name + " [" + last + repeated(", " + last, 9) + "]\n";
    merged += name + ": &" + name + " { p: " + last + ", q: " + last + ", r: " + last + ", s: " + last +
              ", <<: [" + last + repeated(", " + last, 9) + "] }\n";
  }
  CHECK(told(parse_yaml(wide)).find("alias bomb") != std::string::npos);
  CHECK(told(parse_yaml(merged)).find("alias bomb") != std::string::npos);
  CHECK(told(parse_yaml(chain)).find("nested more than 64 levels") != std::string::npos);
  CHECK(told(parse_yaml(repeated("- a\n", 500'001))).find("more than 500,000 values") != std::string::npos);
  CHECK(told(parse_yaml("[" + repeated("a,", 500'001) + "]")).find("more than 500,000 values") !=
        std::string::npos);
}

TEST_CASE("as many keys as are accepted take no quadratic time") {
  std::string keys;
  for (int i = 0; i < 200'000; ++i) keys += "k" + std::to_string(i) + ":\n";
  const YamlDocument document = parse_yaml(keys);
  REQUIRE(document.root);
  CHECK(document.root->entries.size() == 200'000);
}
