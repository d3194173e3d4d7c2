#include "lb/haproxy/translator.h"

#include <algorithm>
#include <filesystem>

namespace reseal::haproxy {

void Translator::report(const Line& line, std::size_t word, config::Severity severity,
                        const std::string& message) {
  // A file with an error is to be refused however many warnings came before it.
  const std::size_t most = severity == config::Severity::kError ? 2 * kMostProblems : kMostProblems;
  if (problems.size() >= most) return;
  const Word* at = word < line.words.size() ? &line.words[word] : nullptr;
  problems.push_back(problem_at(source_, line, at, severity, message));
}

void Translator::notice(const Line& line, const std::string& text) {
  notices.push_back({source_.files[line.file].name, line.place, text});
}

void Translator::notice_once(const Line& line, const std::string& text) {
  if (told_.insert(text).second) notice(line, text);
}

std::string Translator::argument(const Line& line, std::size_t word, const char* what) {
  if (word < line.words.size() && !line.words[word].text.empty()) return line.words[word].text;
  const std::size_t last = std::min(word - 1, line.words.size() - 1);
  error(line, last, "'" + line.words[last].text + "' is followed by nothing: " + what + " is expected");
  return "";
}

void Translator::expect_end(const Line& line, std::size_t words) {
  if (line.words.size() <= words) return;
  error(line, words,
        "'" + line.words[words].text + "' is not expected here: '" + line.words.front().text +
            "' is complete without it");
}

config::Place Translator::place_of(const Line& line, std::size_t word) const {
  config::Place place = line.place;
  if (word < line.words.size()) place.column = line.words[word].column;
  place.file = static_cast<int>(line.file);
  return place;
}

config::RuleLine Translator::rule_of(const Line& line, std::size_t first) const {
  config::RuleLine rule;
  for (std::size_t i = first; i < line.words.size(); ++i) {
    rule.words.push_back(line.words[i].text);
    rule.places.push_back(place_of(line, i));
  }
  return rule;
}

std::string Translator::absolute_path(const std::string& path, const std::string& base) {
  std::error_code error;
  return std::filesystem::absolute(
             base.empty() ? std::filesystem::path(path) : std::filesystem::path(base) / path, error)
      .lexically_normal()
      .string();
}

}  // namespace reseal::haproxy
