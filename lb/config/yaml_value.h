// A YAML document to be written: values, and comments above the keys of maps. An emitter of our own, since yaml-cpp's puts
// comments behind values, knows nothing of which maps are better read in one line, and would have to be fenced off as its
// parser is. Plain values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reseal::config {

/// A text as YAML has it: as it is where nothing can be misread, otherwise in quotes.
std::string yaml_scalar(std::string_view text);

struct YamlValue {
  enum class Kind : std::uint8_t { kScalar, kSequence, kMap };
  struct Entry;

  Kind kind = Kind::kMap;
  bool in_lines = false;         ///< never in one line, whatever room there is
  std::string text;              ///< kScalar: as it is to stand there
  std::vector<YamlValue> items;  ///< kSequence
  std::vector<Entry> entries;    ///< kMap

  static YamlValue scalar(std::string_view text);
  static YamlValue list(const std::vector<std::string>& texts);
  [[nodiscard]] bool is_empty_map() const { return kind == Kind::kMap && entries.empty(); }
};

struct YamlValue::Entry {
  std::string key;
  YamlValue value;
  std::vector<std::string> comments;  ///< lines above, without "# "
};

/// The document. A map or list that fits stands in one line.
std::string yaml_text(const YamlValue& root);

}  // namespace reseal::config
