#include "lb/haproxy/source.h"

#include <algorithm>
#include <array>

namespace reseal::haproxy {
namespace {

constexpr std::size_t kLongestShownLine = 200;

// In the order of SectionKind.
constexpr std::array<std::string_view, 19> kNames{
    "global",  "defaults", "frontend",    "backend", "listen", "resolvers",   "userlist",
    "peers",   "mailers",  "http-errors", "cache",   "ring",   "log-forward", "log-profile",
    "program", "fcgi-app", "crt-store",   "traces",  "acme"};

}  // namespace

std::string_view name_of(SectionKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<SectionKind> section_kind(std::string_view word) {
  const auto* const found = std::ranges::find(kNames, word);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<SectionKind>(found - kNames.begin());
}

std::vector<std::string> section_names() {
  return {kNames.begin(), kNames.end()};
}

config::Problem problem_at(const Source& source, const Line& line, const Word* word,
                           config::Severity severity, std::string message) {
  config::Place place = line.place;
  if (word != nullptr) place.column = word->column;
  return problem_at(source, line.file, line.offset, place, severity, std::move(message));
}

config::Problem problem_at(const Source& source, std::size_t file, std::size_t offset, config::Place place,
                           config::Severity severity, std::string message) {
  const File& in = source.files[file];
  std::string_view shown = in.text;
  shown.remove_prefix(std::min(offset, shown.size()));
  shown = shown.substr(0, shown.find('\n'));
  if (shown.ends_with('\r')) shown.remove_suffix(1);
  // A line that is too long to be shown as far as the column is not shown at all.
  if (static_cast<std::size_t>(place.column) > kLongestShownLine) shown = {};
  return {severity, in.name, place, std::move(message), std::string(shown.substr(0, kLongestShownLine))};
}

namespace {

std::string line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

}  // namespace

void show_lines(const std::vector<File>& files, std::vector<config::Problem>& problems) {
  for (config::Problem& problem : problems) {
    const auto number = static_cast<std::size_t>(problem.place.file);
    if (problem.place.line == 0 || number >= files.size() || !problem.line_text.empty()) continue;
    problem.file = files[number].name;
    problem.line_text = line_of(files[number].text, problem.place.line);
  }
  std::ranges::stable_sort(problems, {}, [](const config::Problem& problem) {
    return std::pair(problem.place.file, problem.place);
  });
}

}  // namespace reseal::haproxy
