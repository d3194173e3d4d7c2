// docs/causes.md and the code tell the same of every cause: its word, whose fault it is, and the status.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "lb/proxy/error_policy.h"

using namespace reseal;
using namespace reseal::proxy;

namespace {

/// The cells of each row that begins with | `word` |.
std::vector<std::vector<std::string>> rows() {
  std::ifstream file(RESEAL_DOCS "/causes.md");
  REQUIRE(file);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(1));
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '|');) {
      const std::size_t begin = std::min(cell.find_first_not_of(' '), cell.size());
      row.push_back(cell.substr(begin, cell.find_last_not_of(' ') + 1 - begin));
    }
  }
  return rows;
}

std::string fault_text(Code code) {
  switch (fault_of(code)) {
    case Origin::kClient:
      return "client";
    case Origin::kServer:
      return "server";
    case Origin::kLocal:
      break;
  }
  return "local";
}

}  // namespace

TEST_CASE("docs/causes.md has every cause with its fault and status, in the order of the code") {
  const auto documented = rows();
  std::size_t row = 0;
  for (int i = 1; i < static_cast<int>(Code::kCount_); ++i, ++row) {
    const auto code = static_cast<Code>(i);
    INFO("docs/causes.md needs, in this place, a row of " << code_word(code));
    REQUIRE(row < documented.size());
    const auto& cells = documented[row];
    REQUIRE(cells.size() == 5);
    CHECK(cells[0] == "`" + std::string(code_word(code)) + "`");
    CHECK(cells[1] == fault_text(code));
    const int status = error_reply(code).status;
    CHECK(cells[2] == (status != 0 ? std::to_string(status) : "\u2013"));
    CHECK_FALSE(cells[3].empty());
    CHECK_FALSE(cells[4].empty());
  }
  CHECK(row == documented.size());
}
