#include "lb/config/config_error.h"

#include <algorithm>

#include "lb/base/log.h"

namespace reseal::config {

std::string in_words(Place place) {
  return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

bool has_error(const std::vector<Problem>& problems) {
  return std::ranges::any_of(problems,
                             [](const Problem& problem) { return problem.severity == Severity::kError; });
}

std::string render(const Problem& problem) {
  std::string text = problem.file;
  if (problem.place.line != 0) {
    text += ":" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
  }
  constexpr std::string_view kNames[] = {": error: ", ": warning: ", ": notice: "};
  text += kNames[static_cast<std::size_t>(problem.severity)];
  text += escaped(problem.message) + "\n";
  if (problem.line_text.empty()) return text;
  // The caret stays right under its column: tabs are shown as one blank, and so is anything that is no ASCII
  // text.
  std::string line;
  for (const char c : problem.line_text) line += c >= 0x20 && c < 0x7f ? c : ' ';
  const auto column = static_cast<std::size_t>(problem.place.column > 0 ? problem.place.column - 1 : 0);
  text += "    " + line + "\n    " + std::string(std::min(column, line.size()), ' ') + "^\n";
  return text;
}

}  // namespace reseal::config
