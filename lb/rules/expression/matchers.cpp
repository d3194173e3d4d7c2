// The matchers: how the patterns of each -m are kept and compared. One row and one class for each.
#include <algorithm>
#include <iterator>
#include <limits>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/hex.h"
#include "lb/rules/expression/network_index.h"
#include "lb/rules/expression/pattern_set.h"
#include "lb/rules/expression/regex.h"
#include "lb/rules/expression/string_index.h"

namespace reseal::rules::expression {
namespace {

using Added = std::expected<void, std::string>;
using Found = std::optional<std::uint32_t>;

/// -m int and -m len: "5", "1:10", "1:", ":10".
class IntegerPatterns : public PatternIndex {
 public:
  explicit IntegerPatterns(bool of_length) : of_length_(of_length) {}
  Added add(std::string_view pattern, bool, std::uint32_t number) override {
    const std::size_t colon = pattern.find(':');
    const std::string_view low = pattern.substr(0, colon);
    const std::string_view high = colon == std::string_view::npos ? low : pattern.substr(colon + 1);
    const bool open_low = low.empty() && colon != std::string_view::npos;
    const auto least = open_low ? std::numeric_limits<std::int64_t>::min() : parse_integer(low);
    const auto most =
        high.empty() && !low.empty() ? std::numeric_limits<std::int64_t>::max() : parse_integer(high);
    if (!least || !most) {
      return std::unexpected(
          "'" + shortened(pattern) +
          "' is not an integer or a range of them (accepted: 80, 1024:65535, 1024:, :1023)");
    }
    ranges_.push_back({*least, *most, number});
    return {};
  }
  [[nodiscard]] Found find(const Sample& sample) const override {
    const std::int64_t value = of_length_ ? static_cast<std::int64_t>(sample.text.size()) : sample.integer;
    for (const Range& range : ranges_) {
      if (value >= range.least && value <= range.most) return range.number;
    }
    return std::nullopt;
  }

 private:
  struct Range {
    std::int64_t least;
    std::int64_t most;
    std::uint32_t number;
  };
  bool of_length_;
  std::vector<Range> ranges_;
};

/// -m ip
class AddressPatterns : public PatternIndex {
 public:
  Added add(std::string_view pattern, bool, std::uint32_t number) override {
    return index_.add(pattern, number);
  }
  void seal() override { index_.seal(); }
  [[nodiscard]] Found find(const Sample& sample) const override { return index_.find(sample); }

 private:
  NetworkIndex index_;
};

/// -m str, and the ACL `method`
class EqualPatterns : public PatternIndex {
 public:
  Added add(std::string_view pattern, bool ignore_case, std::uint32_t number) override {
    table_.add(pattern, ignore_case, number);
    return {};
  }
  [[nodiscard]] Found find(const Sample& sample) const override { return table_.find(sample.text); }

 private:
  TextTable table_;
};

/// -m bin
class BinaryPatterns : public PatternIndex {
 public:
  Added add(std::string_view pattern, bool, std::uint32_t number) override {
    const auto bytes = bytes_of_hex(pattern);
    if (!bytes)
      return std::unexpected("'" + shortened(pattern) + "' is not an even number of hexadecimal digits");
    table_.add(*bytes, false, number);
    return {};
  }
  [[nodiscard]] Found find(const Sample& sample) const override { return table_.find(sample.text); }

 private:
  TextTable table_;
};

/// -m beg and -m end
class AffixPatterns : public PatternIndex {
 public:
  explicit AffixPatterns(bool backwards)
      : backwards_(backwards), exact_(backwards, false), lower_(backwards, true) {}
  Added add(std::string_view pattern, bool ignore_case, std::uint32_t number) override {
    (ignore_case ? lower_ : exact_).add(pattern, number);
    return {};
  }
  void seal() override {
    exact_.seal();
    lower_.seal();
  }
  [[nodiscard]] Found find(const Sample& sample) const override {
    // Which one of several it is decides in maps: the longest beginning, otherwise the first.
    const Found exact = exact_.find(sample.text, !backwards_);
    return exact ? exact : lower_.find(sample.text, false);
  }

 private:
  bool backwards_;
  AffixIndex exact_;
  AffixIndex lower_;
};

/// -m sub, -m dir and -m dom: the first pattern that is there, in the order they were given.
class InnerPatterns : public PatternIndex {
 public:
  /// Empty: a match may begin and end anywhere; otherwise only at delimiters.
  explicit InnerPatterns(std::string_view delimiters) : delimiters_(delimiters) {}
  Added add(std::string_view pattern, bool ignore_case, std::uint32_t number) override {
    while (!pattern.empty() && is_delimiter(pattern.front())) pattern.remove_prefix(1);
    while (!pattern.empty() && is_delimiter(pattern.back())) pattern.remove_suffix(1);
    patterns_.push_back({ignore_case ? lowered(pattern) : std::string(pattern), ignore_case, number});
    return {};
  }
  [[nodiscard]] Found find(const Sample& sample) const override {
    for (const Pattern& pattern : patterns_) {
      if (!pattern.text.empty() && is_in(pattern, sample.text)) return pattern.number;
    }
    return std::nullopt;
  }

 private:
  struct Pattern {
    std::string text;
    bool ignore_case;
    std::uint32_t number;
  };
  [[nodiscard]] bool is_delimiter(char c) const { return delimiters_.find(c) != std::string_view::npos; }
  [[nodiscard]] bool is_in(const Pattern& pattern, std::string_view text) const {
    if (text.size() < pattern.text.size()) return false;
    const auto same = [&](char a, char b) { return (pattern.ignore_case ? ascii_lower(a) : a) == b; };
    for (auto at = text.begin();; ++at) {
      at = std::search(at, text.end(), pattern.text.begin(), pattern.text.end(), same);
      if (at == text.end()) return false;
      if (delimiters_.empty()) return true;
      const auto end = at + static_cast<std::ptrdiff_t>(pattern.text.size());
      if ((at == text.begin() || is_delimiter(*std::prev(at))) && (end == text.end() || is_delimiter(*end)))
        return true;
    }
  }

  std::string_view delimiters_;
  std::vector<Pattern> patterns_;
};

/// -m reg: the first that matches, in the order they were given.
class RegexPatterns : public PatternIndex {
 public:
  Added add(std::string_view pattern, bool ignore_case, std::uint32_t number) override {
    auto regex = Regex::compile(pattern, ignore_case);
    if (!regex) return std::unexpected("'" + shortened(pattern) + "': " + regex.error());
    patterns_.push_back({std::move(*regex), number});
    return {};
  }
  [[nodiscard]] Found find(const Sample& sample) const override {
    for (const Pattern& pattern : patterns_) {
      if (pattern.regex->is_in(sample.text)) return pattern.number;
    }
    return std::nullopt;
  }

  [[nodiscard]] Found find_groups(std::string_view text, std::span<std::string_view> groups) const override {
    for (const Pattern& pattern : patterns_) {
      if (pattern.regex->find(text, 0, groups)) return pattern.number;
    }
    return std::nullopt;
  }

 private:
  struct Pattern {
    std::shared_ptr<const Regex> regex;
    std::uint32_t number;
  };
  std::vector<Pattern> patterns_;
};

template <class Patterns>
std::shared_ptr<PatternIndex> make() {
  return std::make_shared<Patterns>();
}
template <bool kFlag, class Patterns>
std::shared_ptr<PatternIndex> make_with() {
  return std::make_shared<Patterns>(kFlag);
}
std::shared_ptr<PatternIndex> make_sub() {
  return std::make_shared<InnerPatterns>("");
}
std::shared_ptr<PatternIndex> make_dir() {
  return std::make_shared<InnerPatterns>("/");
}
std::shared_ptr<PatternIndex> make_dom() {
  return std::make_shared<InnerPatterns>("/?.:");
}

constexpr MatcherRow kRows[] = {
    {"found", Match::kFound, Type::kAny, nullptr},
    {"bool", Match::kBool, Type::kInteger, nullptr},
    {"int", Match::kInteger, Type::kInteger, make_with<false, IntegerPatterns>},
    {"ip", Match::kAddress, Type::kAddress, make<AddressPatterns>},
    {"bin", Match::kBinary, Type::kBinary, make<BinaryPatterns>},
    {"len", Match::kLength, Type::kString, make_with<true, IntegerPatterns>},
    {"str", Match::kString, Type::kString, make<EqualPatterns>},
    {"beg", Match::kBegins, Type::kString, make_with<false, AffixPatterns>},
    {"end", Match::kEnds, Type::kString, make_with<true, AffixPatterns>},
    {"sub", Match::kContains, Type::kString, make_sub},
    {"dir", Match::kDirectory, Type::kString, make_dir},
    {"dom", Match::kDomain, Type::kString, make_dom},
    {"reg", Match::kRegex, Type::kString, make<RegexPatterns>},
};

}  // namespace

std::span<const MatcherRow> matchers() {
  return kRows;
}

}  // namespace reseal::rules::expression
