// One line of a haproxy.cfg as words: quotes, escapes, comments and variables, as HAProxy 2.6 reads them
// (its manual, 2.2 and 2.3). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reseal::haproxy {

class Environment;

struct Word {
  std::string text;     ///< unquoted, unescaped, variables replaced
  int column = 0;       ///< where it begins in the line as written, from 1, in bytes
  bool quoted = false;  ///< some part of it stood in quotes: "" is a word, and an empty one
};

/// What is wrong with a line or an expression, and at which column (from 1).
struct LineError {
  int column = 0;
  std::string message;
};

struct SplitLine {
  std::vector<Word> words;         ///< those before the error, if there is one
  std::optional<LineError> error;  ///< an unmatched quote, a bad escape or variable, too much of something
};

/// HAProxy's limit; a line with more words is an error there too.
constexpr std::size_t kMostWords = 64;
/// Of a line as written and with its variables replaced; HAProxy's own buffer holds 2,048 bytes at first and
/// grows without a bound.
constexpr std::size_t kMostLineBytes = 64 * 1024;

/// `line` is without its line end. Nothing is kept of it.
SplitLine split_words(std::string_view line, const Environment& environment);

}  // namespace reseal::haproxy
