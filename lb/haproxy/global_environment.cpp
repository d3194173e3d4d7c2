#include "lb/haproxy/global_environment.h"

#include <string_view>

#include "lb/config/did_you_mean.h"

namespace reseal::haproxy {
namespace {

using config::Severity;

/// The words behind the first one, up to the last that is not empty (HAProxy does not see empty words at a
/// line's end).
std::span<const Word> arguments_of(const Line& line) {
  std::span<const Word> words = std::span(line.words).subspan(1);
  while (!words.empty() && words.back().text.empty()) words = words.first(words.size() - 1);
  return words;
}

/// Whether the C library would take it; a dot would hide one of ours (.LINE).
bool is_settable(std::string_view name) {
  return !name.empty() && name.find('=') == std::string_view::npos && name.front() != '.';
}

config::Problem refused_name(const Source& source, const Line& line, const Word& name) {
  return problem_at(source, line, &name, Severity::kError,
                    "'" + config::shortened(name.text) + "' cannot be a variable's name");
}

std::optional<config::Problem> set(const Source& source, const Line& line, Environment& environment,
                                   bool replace) {
  const std::span<const Word> words = arguments_of(line);
  if (words.size() < 2) {
    return problem_at(source, line, nullptr, Severity::kError,
                      "'" + line.words.front().text + "' needs a name and a value that is not empty");
  }
  if (!is_settable(words[0].text)) return refused_name(source, line, words[0]);
  if (replace || !environment.find(words[0].text)) environment.set(words[0].text, words[1].text);
  if (words.size() == 2) return std::nullopt;
  // HAProxy says nothing about one word too many.
  return problem_at(
      source, line, &words[2], words.size() == 3 ? Severity::kWarning : Severity::kError,
      "unexpected '" + config::shortened(words[2].text) + "'; a value with blanks needs quotes");
}

std::optional<config::Problem> unset(const Source& source, const Line& line, Environment& environment) {
  const std::span<const Word> words = arguments_of(line);
  if (words.empty()) {
    return problem_at(source, line, nullptr, Severity::kError,
                      "'unsetenv' needs at least one variable's name");
  }
  for (const Word& name : words) {
    if (!is_settable(name.text)) return refused_name(source, line, name);
    environment.unset(name.text);
  }
  return std::nullopt;
}

void reset(const Line& line, Environment& environment) {
  // What is in force at every place (.FILE and so on) is none of the variables that are reset.
  std::vector<std::string_view> names{".FILE", ".LINE", ".SECTION"};
  for (const Word& name : arguments_of(line)) names.emplace_back(name.text);
  environment.keep_only(names);
}

}  // namespace

std::optional<config::Problem> apply_to_environment(const Source& source, const Line& line,
                                                    Environment& environment) {
  const std::string_view keyword = line.words.front().text;
  if (keyword == "setenv") return set(source, line, environment, true);
  if (keyword == "presetenv") return set(source, line, environment, false);
  if (keyword == "unsetenv") return unset(source, line, environment);
  if (keyword == "resetenv") reset(line, environment);
  // A name that is missing is told where the keyword itself is read.
  if (keyword == "localpeer" && line.words.size() > 1)
    environment.set("HAPROXY_LOCALPEER", line.words[1].text);
  return std::nullopt;
}

}  // namespace reseal::haproxy
