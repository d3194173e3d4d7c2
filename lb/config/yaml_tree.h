// A YAML document as a plain tree with positions. yaml-cpp's events fill it, and yaml-cpp's own tree is never built: that
// one accepts duplicate keys in silence, ignores `<<` and unfolds alias bombs. Immutable once parsed. Control thread.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "lb/config/model.h"

namespace reseal::config {

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };
  struct Entry {
    std::string key;
    Place key_place;
    std::shared_ptr<const YamlNode> value;
  };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;                                   ///< kScalar
  bool quoted = false;                                ///< kScalar: written in quotes
  std::vector<std::shared_ptr<const YamlNode>> items; ///< kSequence
  std::vector<Entry> entries;                         ///< kMap, in file order; keys are unique
  std::size_t weight = 1;                             ///< nodes in it, aliases unfolded

  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  /// "a text", "a list", "a map", "nothing", for messages.
  [[nodiscard]] const char* kind_text() const;
};

struct YamlError {
  Place place;
  std::string message;
};

/// Parses one document. Anchors, aliases and `<<` work. Refused: duplicate keys, several documents, more than
/// kMostDepth levels, more than kMostNodes nodes after unfolding aliases, keys that are not text. Never throws.
std::expected<std::shared_ptr<const YamlNode>, YamlError> parse_yaml(const std::string& text);

inline constexpr std::size_t kMostDepth = 64;
inline constexpr std::size_t kMostNodes = 500'000;

}  // namespace reseal::config
