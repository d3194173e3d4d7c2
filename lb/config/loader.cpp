#include <algorithm>
#include <expected>
#include <filesystem>
#include <string_view>

#include "lb/base/file.h"
#include "lb/config/config_error.h"
#include "lb/config/door.h"
#include "lb/config/schema.h"
#include "lb/config/validation.h"
#include "lb/config/yaml_tree.h"

namespace reseal::config {
namespace {

constexpr std::size_t kMostFileBytes = 8 * 1024 * 1024;
constexpr std::size_t kLongestShownLine = 200;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

LoadResult one_problem(const std::string& file, Place place, std::string message) {
  LoadResult result;
  result.problems.push_back({Severity::kError, file, place, std::move(message), {}});
  return result;
}

/// The first line of `text`; nothing if it is too long to be shown as far as `column`.
std::string shown_line(std::string_view text, int column) {
  if (static_cast<std::size_t>(column) > kLongestShownLine) return "";
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line.substr(0, kLongestShownLine));
}

/// Sorts the problems by place and gives each the file's name and the line it is about.
void complete(std::vector<Problem>& problems, const std::string& file, std::string_view text) {
  std::ranges::stable_sort(problems, {}, &Problem::place);
  int line = 1;
  for (Problem& problem : problems) {
    problem.file = file;
    for (; line < problem.place.line && !text.empty(); ++line) {
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    }
    if (line == problem.place.line) problem.line_text = shown_line(text, problem.place.column);
  }
}

/// At most one byte more than is accepted, which tells a file that is too large without reading all of it.
std::expected<std::string, std::string> read_text(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    return std::unexpected("is a folder; a YAML file is expected");
  return read_at_most(file, kMostFileBytes + 1);
}

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

}  // namespace

LoadResult load_text(const std::string& text, const std::string& file, const std::string& folder) {
  if (text.size() > kMostFileBytes)
    return one_problem(file, {}, "the file is larger than 8 MiB; is it the right one?");
  const std::string_view body = without_byte_order_mark(text);
  ValueReader reader(folder);
  LoadResult result;
  Configuration configuration;
  configuration.file = file;
  const YamlDocument document = parse_yaml(body);
  for (const YamlError& error : document.errors) reader.error(error.place, error.message);
  if (document.root != nullptr) {
    read_configuration(reader, *document.root, configuration);
    if (configuration.frontends.empty())
      reader.error({1, 1}, "there is no frontend: nothing would be served (frontends: ...)");
    validate(reader, configuration);
  }
  result.problems = reader.take_problems();
  complete(result.problems, file, body);
  if (!has_error(result.problems)) result.configuration = std::move(configuration);
  return result;
}

LoadResult load_file(const std::string& file) {
  const auto text = read_text(file);
  if (!text) return one_problem(file, {}, text.error());
  std::error_code error;
  const std::string folder = std::filesystem::absolute(file, error).parent_path().string();
  return load_text(*text, file, folder);
}

void show_lines(std::vector<Problem>& problems, const std::string& file) {
  if (problems.empty()) return;
  if (const auto text = read_text(file)) complete(problems, file, without_byte_order_mark(*text));
}

Door yaml_door(const std::string& file) {
  return {file, [file] { return load_file(file); },
          [file](std::vector<Problem>& problems) { config::show_lines(problems, file); }, render};
}

}  // namespace reseal::config
