// docs/hardening.md names places and tests that exist.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

const std::filesystem::path kRoot = std::filesystem::path(RESEAL_DOCS) / "..";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A file, or a room's sources without their ending.
bool is_there(const std::string& place) {
  return std::ranges::any_of(std::array{"", ".h", ".cpp"}, [&](const char* ending) {
    return std::filesystem::exists(kRoot / (place + ending));
  });
}

/// A source file with literals that the formatter has cut put together again.
std::string source_of(const std::filesystem::path& path) {
  static const std::regex kCut("\"\\s*\n\\s*\"");
  return std::regex_replace(text_of(path), kCut, "");
}

bool is_defined(const std::string& file, const std::string& name) {
  if (file.ends_with(".py")) return text_of(kRoot / file).find("    def " + name + "(") != std::string::npos;
  static const std::regex kOpening("TEST_CASE\\(\\s*\"");
  const std::string source = std::regex_replace(source_of(kRoot / file), kOpening, "TEST_CASE(\"");
  return source.find("TEST_CASE(\"" + name + "\"") != std::string::npos;
}

struct Row {
  std::string line;
  std::vector<std::string> cells;
};

/// The rows of the tables, without their heads.
std::vector<Row> rows() {
  std::istringstream page(text_of(kRoot / "docs" / "hardening.md"));
  std::vector<Row> rows;
  bool in_body = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("|--")) {
      in_body = true;
    } else if (!line.starts_with("| ")) {
      in_body = false;
    } else if (in_body) {
      Row& row = rows.emplace_back(Row{line, {}});
      std::istringstream cells(line.substr(1));
      for (std::string cell; std::getline(cells, cell, '|');) row.cells.push_back(cell);
    }
  }
  return rows;
}

std::vector<std::string> quoted(const std::string& cell) {
  static const std::regex kQuoted("`([^`]+)`");
  std::vector<std::string> all;
  for (std::sregex_iterator at(cell.begin(), cell.end(), kQuoted), end; at != end; ++at)
    all.push_back((*at)[1]);
  return all;
}

}  // namespace

TEST_CASE("docs/hardening.md names places and tests that exist, in every row") {
  const auto table = rows();
  CHECK(table.size() > 50);
  for (const Row& row : table) {
    INFO(row.line);
    REQUIRE(row.cells.size() >= 3);
    const std::string& where = row.cells[row.cells.size() - 2];
    const auto places = quoted(where);
    CHECK(where.starts_with(" not there: ") == places.empty());
    for (const std::string& place : places) {
      INFO(place);
      CHECK(is_there(place));
    }
    const auto tests = quoted(row.cells.back());
    CHECK_FALSE(tests.empty());
    for (const std::string& test : tests) {
      const std::size_t colons = test.find("::");
      INFO(test);
      REQUIRE(colons != std::string::npos);
      CHECK(is_defined(test.substr(0, colons), test.substr(colons + 2)));
    }
  }
}

TEST_CASE("a test that does not exist is seen") {
  CHECK(is_defined("tests/unit/proxy/hardening_test.cpp", "a test that does not exist is seen"));
  CHECK_FALSE(is_defined("tests/unit/proxy/hardening_test.cpp", "a test that does not"));
  CHECK_FALSE(is_defined("tests/integration/rules_test.py", "test_no_spelling"));
  CHECK_FALSE(is_defined("tests/integration/nothing_test.py", "test_no_spelling"));
}
