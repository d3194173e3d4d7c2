// What the handlers of keywords work with: the drafts that they fill, and where they say what is wrong. One a translation.
// Single thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "lb/haproxy/draft.h"
#include "lb/haproxy/source.h"
#include "lb/haproxy/values.h"

namespace reseal::haproxy {

class Translator {
 public:
  explicit Translator(const Source& source) : source_(source) {}

  GlobalDraft global;
  std::map<std::string, std::vector<config::ErrorPage>> error_groups;  ///< sections `http-errors`, by name
  ProxyDraft* proxy = nullptr;  ///< of the section being read; null in `global`

  static constexpr std::size_t kMostProblems = 1000;  ///< more are not told
  /// At the word of that number, or at the line's first if it has not so many.
  void report(const Line& line, std::size_t word, config::Severity severity, const std::string& message);
  void error(const Line& line, std::size_t word, const std::string& message) {
    report(line, word, config::Severity::kError, message);
  }
  /// Something has no effect here; nothing is wrong with it.
  void notice(const Line& line, const std::string& text);
  /// The same once for the whole configuration, whichever line it is about.
  void notice_once(const Line& line, const std::string& text);

  /// The value, or an error at the word and `otherwise`.
  template <class T>
  T value_or(Parsed<T> parsed, const Line& line, std::size_t word, T otherwise) {
    if (parsed) return std::move(*parsed);
    error(line, word, parsed.error());
    return otherwise;
  }
  /// The text of a word that must be there; otherwise an error says that `what` is expected, and it is empty.
  std::string argument(const Line& line, std::size_t word, const char* what);
  /// Reports what follows the first `words` words.
  void expect_end(const Line& line, std::size_t words);

  [[nodiscard]] config::Place place_of(const Line& line, std::size_t word = 0) const;
  /// The words from `first` on, for what makes sense of them later.
  [[nodiscard]] config::RuleLine rule_of(const Line& line, std::size_t first) const;
  /// Absolute: relative paths start from `base` if there is one, otherwise from the folder reseal runs in, as with HAProxy.
  [[nodiscard]] static std::string absolute_path(const std::string& path, const std::string& base);

  std::vector<config::Problem> problems;
  std::vector<Notice> notices;

 private:
  const Source& source_;
  std::set<std::string> told_;
};

}  // namespace reseal::haproxy
