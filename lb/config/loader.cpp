#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <cerrno>
#include <cstring>

#include "lb/config/config_error.h"
#include "lb/config/schema.h"
#include "lb/config/validation.h"
#include "lb/config/yaml_tree.h"

namespace reseal::config {
namespace {

constexpr std::size_t kMostFileBytes = 8 * 1024 * 1024;
constexpr std::size_t kLongestShownLine = 200;

LoadResult one_problem(const std::string& file, Place place, std::string message) {
  LoadResult result;
  result.problems.push_back({Severity::kError, file, place, std::move(message), {}});
  return result;
}

/// Puts file name and offending line to each problem and sorts them by place.
void complete(std::vector<Problem>& problems, const std::string& file, const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  for (Problem& problem : problems) {
    problem.file = file;
    const auto index = static_cast<std::size_t>(problem.place.line) - 1;
    if (problem.place.line > 0 && index < lines.size()) problem.line_text = lines[index].substr(0, kLongestShownLine);
  }
  std::ranges::stable_sort(problems, [](const Problem& a, const Problem& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
}

}  // namespace

LoadResult load_text(const std::string& text, const std::string& file, const std::string& folder) {
  if (text.size() > kMostFileBytes) return one_problem(file, {}, "the file is larger than 8 MiB; is it the right one?");
  ValueReader reader(folder);
  LoadResult result;
  Configuration configuration;
  configuration.file = file;
  const auto root = parse_yaml(text);
  if (!root) {
    reader.error(root.error().place, root.error().message);
  } else {
    read_configuration(reader, **root, configuration);
    validate(reader, configuration);
  }
  result.problems = std::move(reader.problems());
  complete(result.problems, file, text);
  const bool failed = std::ranges::any_of(result.problems, [](const Problem& p) { return p.severity == Severity::kError; });
  if (!failed) result.configuration = std::move(configuration);
  return result;
}

LoadResult load_file(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return one_problem(file, {}, "is a folder; a YAML file is expected");
  std::ifstream input(file, std::ios::binary);
  if (!input) return one_problem(file, {}, std::string("cannot be read: ") + std::strerror(errno));
  // One byte more than is accepted tells a file that is too large without reading all of it.
  std::string text(kMostFileBytes + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(input.gcount()));
  const std::string folder = std::filesystem::absolute(file, error).parent_path().string();
  return load_text(text, file, folder);
}

}  // namespace reseal::config
