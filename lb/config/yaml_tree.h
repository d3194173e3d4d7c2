// A YAML document as a plain tree with positions. yaml-cpp's events fill it, and yaml-cpp's own tree is never
// built: that one accepts duplicate keys in silence, ignores `<<` and unfolds alias bombs. Immutable once
// parsed. Control thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lb/config/model.h"

namespace reseal::config {

inline constexpr std::size_t kMostDepth = 64;
inline constexpr std::size_t kMostNodes = 500'000;
inline constexpr const char* kTooDeep = "nested more than 64 levels deep (aliases unfolded)";
inline constexpr const char* kTooManyNodes =
    "more than 500,000 values (aliases unfolded); this looks like an alias bomb or a wrong file";

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };
  struct Entry {
    std::string key;
    Place key_place;
    std::shared_ptr<const YamlNode> value;
  };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;                                    ///< kScalar
  std::vector<std::shared_ptr<const YamlNode>> items;  ///< kSequence
  std::vector<Entry> entries;                          ///< kMap, in file order; keys are unique
  std::size_t weight = 1;                              ///< nodes in it, aliases unfolded; at most kMostNodes
  std::size_t depth = 1;                               ///< levels in it, aliases unfolded; at most kMostDepth

  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  /// The value of a map's key; null if there is none.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  /// "a text", "a list", "a map", "nothing", for messages.
  [[nodiscard]] const char* kind_text() const;
};

struct YamlError {
  Place place;
  std::string message;
};

struct YamlDocument {
  std::shared_ptr<const YamlNode> root;  ///< null: it cannot be read at all, and the last error says why
  std::vector<YamlError> errors;         ///< duplicate keys, tags ...: what is wrong without hiding the rest
};

/// Parses one document. Anchors, aliases and `<<` work. Refused: what is no UTF-8 text, several documents,
/// more than kMostDepth levels, more than kMostNodes nodes after unfolding aliases, keys that are not text,
/// duplicate keys, tags other than YAML's own. Never throws.
YamlDocument parse_yaml(std::string_view text);

}  // namespace reseal::config
