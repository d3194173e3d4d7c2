#include "lb/haproxy/conversion.h"

#include <algorithm>
#include <map>

#include "lb/config/places.h"
#include "lb/config/yaml_writer.h"
#include "lb/haproxy/translation.h"

namespace reseal::haproxy {
namespace {

/// A file and a line of it.
using Where = std::pair<int, int>;

constexpr std::size_t kMostComment = 110;

/// What a comment may hold: a line that ended within it would be YAML.
std::string in_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

/// In lines that are not too long to read, each but the first set in.
void append_wrapped(std::vector<std::string>& lines, std::string text) {
  text = in_one_line(std::move(text));
  while (text.size() > kMostComment) {
    const std::size_t blank = text.rfind(' ', kMostComment);
    if (blank == std::string::npos || blank < 4) break;
    lines.push_back(text.substr(0, blank));
    text = "  " + text.substr(blank + 1);
  }
  lines.push_back(std::move(text));
}

/// What is told of the files, by the line that it is about: it stands there if something is written for that line, otherwise
/// at the top.
class Comments {
 public:
  Comments(const Source& source, const std::vector<Notice>& notices) : source_(source) {
    for (const Notice& notice : notices) {
      if (!notice.diagnostic) told_[{file_of(notice.file), notice.place.line}].push_back(notice.text);
    }
  }

  /// Above what comes from there. Once: a `listen` section is a frontend and a backend.
  std::vector<std::string> at(config::Place place) {
    if (place.line == 0 || place.file < 0 || static_cast<std::size_t>(place.file) >= source_.files.size())
      return {};
    std::vector<std::string> lines{name_of({place.file, place.line})};
    const auto told = told_.find({place.file, place.line});
    if (told == told_.end()) return lines;
    for (const std::string& text : told->second) append_wrapped(lines, text);
    told_.erase(told);
    return lines;
  }

  /// What has not been shown.
  [[nodiscard]] std::vector<std::string> rest() const {
    std::vector<std::string> lines;
    for (const auto& [where, texts] : told_) {
      const std::string name = where.second > 0 ? name_of(where) + ": " : "";
      for (const std::string& text : texts) append_wrapped(lines, name + text);
    }
    return lines;
  }

 private:
  [[nodiscard]] int file_of(const std::string& name) const {
    const auto file = std::ranges::find(source_.files, name, &File::name);
    return file == source_.files.end() ? 0 : static_cast<int>(file - source_.files.begin());
  }
  [[nodiscard]] std::string name_of(Where where) const {
    return in_one_line(source_.files[static_cast<std::size_t>(where.first)].name) + ':' +
           std::to_string(where.second);
  }

  const Source& source_;
  std::map<Where, std::vector<std::string>> told_;
};

std::string written(const Source& source, const Translated& translated) {
  Comments comments(source, translated.notices);
  const config::CommentsAt at = [&](config::Place place) { return comments.at(place); };
  const std::string body = config::yaml_of(*translated.configuration, at);
  std::string names;
  for (const File& file : source.files) names += (names.empty() ? "" : ", ") + file.name;
  std::vector<std::string> head{in_one_line("From " + names + ", by reseal convert.")};
  const std::vector<std::string> rest = comments.rest();
  if (!rest.empty()) head.emplace_back();
  head.insert(head.end(), rest.begin(), rest.end());
  std::string text;
  for (const std::string& line : head) text += line.empty() ? "#\n" : "# " + line + '\n';
  return text + body;
}

/// The names of what is not the same in both, as far as they can be told.
std::string differences(const config::Configuration& before, const config::Configuration& after) {
  std::string names;
  const auto compare = [&](const auto& one, const auto& other, const std::string& kind) {
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (i < other.size() && one[i] == other[i]) continue;
      names += (names.empty() ? "" : ", ") + kind + " '" + one[i].name + "'";
    }
  };
  compare(before.frontends, after.frontends, "frontend");
  compare(before.backends, after.backends, "backend");
  compare(before.stick_tables, after.stick_tables, "stick table");
  return names.empty() ? "what is of the whole process" : names;
}

/// Errors if the text does not say what the configuration does.
std::vector<config::Problem> lost(const std::string& file, const config::Configuration& configuration,
                                  const std::string& yaml) {
  const std::string name = file + " (as YAML)";
  config::LoadResult loaded = config::load_text(yaml, name, "/");
  std::erase_if(loaded.problems,
                [](const config::Problem& problem) { return problem.severity != config::Severity::kError; });
  // Their places are not of the files.
  for (config::Problem& problem : loaded.problems) problem.place.file = -1;
  if (!loaded.configuration) return std::move(loaded.problems);
  const config::Configuration before = config::without_places(configuration);
  const config::Configuration after = config::without_places(*loaded.configuration);
  if (before == after) return {};
  return {{config::Severity::kError,
           file,
           {},
           "YAML has no words for something of " + differences(before, after) + ": nothing is written",
           {}}};
}

}  // namespace

Converted convert(const Source& source) {
  Translated translated = translate(source);
  Converted result;
  result.problems = std::move(translated.problems);
  if (!translated.configuration) return result;
  std::string yaml = written(source, translated);
  auto problems = lost(translated.configuration->file, *translated.configuration, yaml);
  if (problems.empty()) result.yaml = std::move(yaml);
  result.problems.insert(result.problems.end(), problems.begin(), problems.end());
  return result;
}

}  // namespace reseal::haproxy
