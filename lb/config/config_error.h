// A problem in a configuration, in words: where, what was found, what is accepted, what to do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lb/config/model.h"

namespace reseal::config {

/// kNotice: a valid file says what does nothing, or costs much; no warning that would refuse it (-dW).
enum class Severity : std::uint8_t { kError, kWarning, kNotice };

struct Problem {
  Severity severity = Severity::kError;
  std::string file;
  Place place;
  std::string message;    ///< e.g. "unknown key 'blance'; did you mean 'balance'?"
  std::string line_text;  ///< the offending line, empty if there is none
};

/// Whether any of them is an error, not a warning only.
bool has_error(const std::vector<Problem>& problems);

/// "file:line:column: error: message", the line, a caret under the column. Ends with a newline.
std::string render(const Problem& problem);

/// "line 3, column 5", for messages that name a second place.
std::string in_words(Place place);

struct LoadResult {
  std::optional<Configuration> configuration;  ///< set if and only if no problem is an error
  std::vector<Problem> problems;               ///< errors and warnings, in order of place
};

/// Reads and validates a file: grammar, keys, values, cross references (a rule's backend exists, hops without
/// TLS ...). Certificates are not read here (runtime/generation does); names are not resolved. Relative paths
/// are taken from the file's folder. Never throws. Bounded: files over 8 MiB, over 64 levels or over 500,000
/// nodes are refused.
LoadResult load_file(const std::string& file);

/// The same from text, for tests and the fuzzer. `folder` is what relative paths start from.
LoadResult load_text(const std::string& text, const std::string& file, const std::string& folder);

/// Problems found after loading (certificates, names, addresses): sorts them by place and gives each the line
/// of `file` it is about, as it stands there now.
void show_lines(std::vector<Problem>& problems, const std::string& file);

}  // namespace reseal::config
