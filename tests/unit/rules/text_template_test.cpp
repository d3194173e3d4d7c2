#include "lb/rules/text_template.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::rules;

namespace {

RequestFacts facts() {
  RequestFacts facts;
  facts.host = "a.example";
  facts.authority = "a.example:8443";
  facts.path = "/x/y";
  facts.query = "?q=1";
  facts.method = "GET";
  facts.scheme = "https";
  facts.client_address = "192.0.2.1";
  facts.frontend = "web";
  return facts;
}

std::string rendered(std::string_view text) {
  const auto compiled = TextTemplate::parse(text);
  REQUIRE(compiled);
  BufferPool pool;
  Arena arena(pool);
  return std::string(compiled->render(facts(), arena));
}

}  // namespace

TEST_CASE("variables are filled in, and doubled braces are braces") {
  CHECK(rendered("plain") == "plain");
  CHECK(rendered("{host}") == "a.example");
  CHECK(rendered("https://{authority}{path}{query}") == "https://a.example:8443/x/y?q=1");
  CHECK(rendered("{{{host}}}") == "{a.example}");
  CHECK(rendered("}}{{") == "}{");
  CHECK(rendered("{scheme} {method} {client_address} {frontend}") == "https GET 192.0.2.1 web");
  CHECK(rendered("<{request_id}{backend}>") == "<>");
  CHECK(rendered("{request_id}").empty());
  CHECK(rendered("").empty());
}

TEST_CASE("what is no variable is refused in words") {
  const std::pair<std::string, const char*> cases[] = {
      {"{hots}", "no variable {hots} (accepted: {host}, "},
      {"{}", "no variable {}"},
      {"{ host }", "no variable { host }"},
      {"a{", "a single '{'"},
      {"{host", "a single '{'"},
      {"host}", "a single '}'"},
      {"{{host}", "a single '}'"},
      {"{host}{host}{host}{host}{host}{host}{host}{host}{host}", "more than 8 variables"},
      {std::string(4097, 'x'), "longer than 4096 bytes"},
  };
  for (const auto& [text, message] : cases) {
    INFO(text.substr(0, 80));
    const auto compiled = TextTemplate::parse(text);
    REQUIRE_FALSE(compiled);
    INFO(compiled.error());
    CHECK(compiled.error().find(message) == 0);
  }
}

TEST_CASE("a text without variables is not copied") {
  const auto compiled = TextTemplate::parse("max-age=63072000; {{x}}");
  REQUIRE(compiled);
  BufferPool pool;
  Arena arena(pool);
  CHECK(compiled->render(facts(), arena) == "max-age=63072000; {x}");
  CHECK(pool.in_use() == 0);
}
