// docs/haproxy.md names every keyword that is obeyed.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "lb/haproxy/keyword_handler.h"

using namespace reseal::haproxy;

TEST_CASE("the documentation names every keyword and option that is obeyed") {
  std::ifstream file(RESEAL_DOCS "/haproxy.md");
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto names = [&](std::string_view name) { return text.find(std::string(name)) != std::string::npos; };
  const auto holds = [&](std::span<const KeywordHandler> handlers) {
    for (const KeywordHandler& handler : handlers) {
      INFO(handler.name);
      CHECK(names(handler.name));
    }
  };
  holds(global_keywords());
  holds(process_keywords());
  for (const KeywordTable& table : proxy_keyword_tables()) {
    holds(table.keywords);
    holds(table.options);
  }
}
