// A regular expression over bytes (RE2: linear time whatever it is asked about, decision 0025). Immutable; any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace reseal::rules::expression {

class Regex {
 public:
  /// The whole match and its groups, \0 to \9.
  static constexpr std::size_t kMostGroups = 10;

  /// The error says what is wrong, and where PCRE's is asked for what RE2 has not, that.
  static std::expected<std::shared_ptr<const Regex>, std::string> compile(std::string_view pattern,
                                                                          bool ignore_case);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  /// Somewhere in `text`.
  [[nodiscard]] bool is_in(std::string_view text) const;
  /// The first match from `from` on, with its groups; those that took no part are empty.
  [[nodiscard]] bool find(std::string_view text, std::size_t from, std::span<std::string_view> groups) const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> regex);
  std::unique_ptr<re2::RE2> regex_;
};

/// What a substitution ("\1-\2") stands for, appended up to `end`; returns the new end of what was written. "\0" is the whole
/// match, "\x41" a byte, any other character behind a backslash itself.
char* substitute(std::string_view substitution, std::span<const std::string_view> groups, char* out,
                 char* end);

}  // namespace reseal::rules::expression
