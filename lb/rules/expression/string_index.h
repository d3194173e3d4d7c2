// Patterns that are texts: equal ones in a table, beginnings and ends in order, so that thousands cost no more than a few.
#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reseal::rules::expression {

/// Texts that are equal.
class TextTable {
 public:
  void add(std::string_view text, bool ignore_case, std::uint32_t number);
  /// Those that are compared with case come first.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct LowerHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  struct LowerEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
  };
  static std::uint64_t length_bit(std::string_view text) { return std::uint64_t{1} << (text.size() & 63); }

  std::uint64_t lengths_ = 0;  // which there are, modulo 64: most values are told by theirs, without a hash
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> exact_;
  std::unordered_map<std::string, std::uint32_t, LowerHash, LowerEqual> lower_;
};

/// Texts that others begin with, or end with. In order, each with the longest other one that it begins with itself: the
/// text before which a value would stand begins with every pattern that the value begins with.
class AffixIndex {
 public:
  AffixIndex(bool backwards, bool ignore_case) : backwards_(backwards), ignore_case_(ignore_case) {}

  void add(std::string_view text, std::uint32_t number);
  void seal();
  /// The longest one, or the first that was added.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text, bool longest) const;

 private:
  struct Entry {
    std::string text;
    std::uint32_t number = 0;
    std::int32_t parent = -1;
  };
  [[nodiscard]] unsigned char at(std::string_view text, std::size_t index) const;
  [[nodiscard]] std::size_t common(std::string_view a, std::string_view b) const;
  [[nodiscard]] bool is_before(std::string_view a, std::string_view b) const;

  bool backwards_;
  bool ignore_case_;
  std::vector<Entry> entries_;
  // Most values are told by one byte, that which stands where the shortest pattern ends: no other is looked for.
  std::size_t shortest_ = std::numeric_limits<std::size_t>::max();
  std::bitset<256> ends_of_shortest_;
};

}  // namespace reseal::rules::expression
