// What is written as YAML is read as what it was; rules in HAProxy's language, too.
#include "lb/config/yaml_value.h"

#include <catch2/catch.hpp>

#include "lb/config/rule_words.h"
#include "lb/config/section_writer.h"
#include "lb/config/yaml_tree.h"

using namespace reseal;
using namespace reseal::config;

namespace {

const std::vector<std::string>& odd_texts() {
  static const std::vector<std::string> kTexts = {
      "",     "plain",  "null",  "~",     "yes",    "No",       "true", "off",      "-",     "- a",   "a: b",
      "a:",   "#x",     "a #x",  " a ",   "'",      "\"",       "\\",   "\\n",      "it's",  "\"q\"", "'\"\\",
      "a\nb", "\r\n",   "\t",    "\x01",  "\x7f",   "\xc3\xbc", "{",    "}",        "[a]",   "*:443", "&a",
      "!x",   "%[src]", "@a",    "`a`",   "? a",    "/a?b",     "a,b",  "0.5",      "1e3",   "0x10",  "<<",
      "|",    ">",      "a\\.b", "^a(b)", "%{+X}o", "--- a",    "...",  "a'b\"c\\", "12:30", "=",     "\n"};
  return kTexts;
}

std::string read_back(const std::string& yaml) {
  const YamlDocument document = parse_yaml(yaml);
  for (const YamlError& error : document.errors) UNSCOPED_INFO(error.message);
  REQUIRE(document.root != nullptr);
  const YamlNode* value = document.root->find("key");
  REQUIRE(value != nullptr);
  REQUIRE(value->is_scalar());
  return value->text;
}

}  // namespace

TEST_CASE("every text is read as it was written, in one line and in several") {
  for (const std::string& text : odd_texts()) {
    INFO(text << " as " << yaml_scalar(text));
    CHECK(read_back("key: " + yaml_scalar(text) + "\n") == text);
    CHECK(read_back("{ key: " + yaml_scalar(text) + " }\n") == text);
    CHECK(read_back("{ key: " + yaml_scalar(text) + ", other: x }\n") == text);
  }
}

TEST_CASE("maps and lists stand in one line where they fit, otherwise in several") {
  static const CommentsAt kNone;
  SectionWriter writer(kNone);
  writer.texts("list", {"a", "b c"});
  writer.section("map", [](SectionWriter& inner) {
    inner.duration("time", std::chrono::minutes(90));
    inner.size("bytes", 32 * 1024);
  });
  writer.section("left_out", [](SectionWriter&) {});
  writer.texts("long", {std::string(60, 'x'), std::string(60, 'y')});
  CHECK(yaml_text(writer.take()) ==
        "list: [a, \"b c\"]\n"
        "map: { time: 90m, bytes: 32KiB }\n"
        "long:\n"
        "  - " +
            std::string(60, 'x') +
            "\n"
            "  - " +
            std::string(60, 'y') + "\n");
}

TEST_CASE("a rule's words are put together so that they come apart again") {
  CHECK(split_rule(joined_rule(odd_texts())) == odd_texts());
  for (const std::string& text : odd_texts()) {
    INFO(text);
    CHECK(split_rule(joined_rule({"a", text, "b"})) == std::vector<std::string>{"a", text, "b"});
  }
}

TEST_CASE("a rule is taken apart as HAProxy does it") {
  using Words = std::vector<std::string>;
  CHECK(split_rule("acl a path_reg ^/a\\.b$") == Words{"acl", "a", "path_reg", "^/a\\.b$"});
  CHECK(split_rule("a\\ b  'c d' \"e\\\"f\"") == Words{"a b", "c d", "e\"f"});
  CHECK(split_rule("x\\x41\\n") == Words{"xA\n"});
  CHECK(split_rule("string \"a # b\" \\# #") == Words{"string", "a # b", "#", "#"});
  CHECK(split_rule("it\"'\"s '\\'") == Words{"it's", "\\"});
}
