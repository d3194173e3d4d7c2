// Values out of YAML nodes: one function a type, each of which reports what it found and what it accepts.
// Collects the problems of a whole file, and knows no key by itself. Made for one load; control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/config_error.h"
#include "lb/config/did_you_mean.h"
#include "lb/config/yaml_tree.h"

namespace reseal::config {

/// "500ms", "2s", "1m", "1h", above 0; nothing for anything else.
std::optional<Duration> duration_of_text(std::string_view text);

/// A value as it is shown in a message: "'text'", "a list" ...
std::string shown(const YamlNode& node);

class ValueReader {
 public:
  /// `folder`: what relative paths start from.
  explicit ValueReader(std::string folder) : folder_(std::move(folder)) {}

  void error(Place place, std::string message) { report(Severity::kError, place, std::move(message)); }
  void warning(Place place, std::string message) { report(Severity::kWarning, place, std::move(message)); }
  /// Everything reported, at most kMostProblems; one more says how many were left out. Empties the reader.
  [[nodiscard]] std::vector<Problem> take_problems();
  /// True once further problems are only counted: a message that is costly to word need not be worded.
  [[nodiscard]] bool is_full() const { return problems_.size() >= kMostProblems; }

  // Each leaves `out` as it is when the node does not fit.
  void text(const YamlNode& node, const char* key, std::string& out);
  /// Any text, with line ends and whatever else it has.
  void lines(const YamlNode& node, const char* key, std::string& out);
  void path(const YamlNode& node, const char* key, std::string& out);
  /// Visible ASCII without blanks, as the fields and targets of a request need it; `accepted` says what it
  /// stands for.
  void visible(const YamlNode& node, const char* key, const char* accepted, std::string& out);
  /// The same, and it begins with '/'.
  void request_path(const YamlNode& node, const char* key, std::string& out);
  /// A token of RFC 9110 5.6.2: the name of a field or a method.
  void token(const YamlNode& node, const char* key, std::string& out);
  void boolean(const YamlNode& node, const char* key, bool& out);
  void integer(const YamlNode& node, const char* key, std::int64_t least, std::int64_t most, int& out,
               const char* also_accepted = "");
  /// "10%", from `least` to `most` of it.
  void percent(const YamlNode& node, const char* key, int least, int most, const char* example, int& out);
  /// "500ms", "2s", "1m", "1h"; at least 1 ms, at most 24 days.
  void duration(const YamlNode& node, const char* key, Duration& out);
  /// "32KiB", "16k", "1MiB", "2GiB", plain bytes.
  void size(const YamlNode& node, const char* key, std::uint64_t least, std::uint64_t most,
            std::uint64_t& out);
  void size(const YamlNode& node, const char* key, std::uint32_t least, std::uint32_t most,
            std::uint32_t& out);
  /// One of `words`; sets `out` to its value.
  template <class Value>
  void word(const YamlNode& node, const char* key, const std::vector<std::pair<std::string, Value>>& words,
            Value& out) {
    word<std::vector<std::pair<std::string, Value>>, Value>(node, key, words, out);
  }
  /// The same by any table of pairs.
  template <class Words, class Value>
  void word(const YamlNode& node, const char* key, const Words& words, Value& out) {
    std::vector<std::string> accepted;
    for (const auto& [name, value] : words) {
      if (node.is_scalar() && node.text == name) {
        out = value;
        return;
      }
      accepted.emplace_back(name);
    }
    unknown_word(node, key, accepted);
  }
  /// One text or a list of texts.
  std::vector<const YamlNode*> text_or_list(const YamlNode& node, const char* key);
  /// A map or a list of maps.
  std::vector<const YamlNode*> maps(const YamlNode& node, const char* key);
  /// True if it is a map; otherwise reports.
  bool is_map(const YamlNode& node, const std::string& what);

 private:
  static constexpr std::size_t kMostProblems = 1000;

  void report(Severity severity, Place place, std::string message);
  void unknown_word(const YamlNode& node, const char* key, const std::vector<std::string>& accepted);
  void wrong(const YamlNode& node, const char* key, const std::string& accepted);

  std::string folder_;
  std::vector<Problem> problems_;
  std::size_t errors_left_out_ = 0;
  std::size_t warnings_left_out_ = 0;
};

}  // namespace reseal::config
