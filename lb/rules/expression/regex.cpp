#include "lb/rules/expression/regex.h"

#include <re2/re2.h>

#include <algorithm>

#include "lb/base/text.h"
#include "lb/rules/expression/hex.h"

namespace reseal::rules::expression {
namespace {

constexpr std::int64_t kMostMemory = 8 << 20;  // of one expression: program and states

struct Construct {
  std::string_view text;
  std::string_view name;
};
constexpr Construct kNotInRe2[] = {
    {"(?=", "look-ahead, (?=...)"},
    {"(?!", "negative look-ahead, (?!...)"},
    {"(?<=", "look-behind, (?<=...)"},
    {"(?<!", "negative look-behind, (?<!...)"},
    {"(?>", "atomic groups, (?>...)"},
    {"(?R)", "recursion, (?R)"},
    {"(?|", "branch reset, (?|...)"},
    {"(?(", "conditional groups, (?(...)"},
    {"\\K", "\\K"},
    {"\\G", "\\G"},
    {"\\R", "\\R"},
    {"\\h", "\\h"},
    {"*+", "possessive repetition, *+"},
    {"++", "possessive repetition, ++"},
    {"?+", "possessive repetition, ?+"},
};

/// What of PCRE a pattern asks for that RE2 has not; empty if nothing that is known.
std::string_view what_re2_lacks(std::string_view pattern) {
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    const bool digit = pattern[i + 1] >= '1' && pattern[i + 1] <= '9';
    if (pattern[i] == '\\' && digit) return "back-references, \\1";
    for (const Construct& construct : kNotInRe2) {
      if (pattern.substr(i).starts_with(construct.text)) return construct.name;
    }
    if (pattern[i] == '\\') ++i;
  }
  return {};
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Regex::Regex(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}
Regex::~Regex() = default;

std::expected<std::shared_ptr<const Regex>, std::string> Regex::compile(std::string_view pattern,
                                                                        bool ignore_case) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_case_sensitive(!ignore_case);
  options.set_max_mem(kMostMemory);
  auto regex = std::make_unique<re2::RE2>(piece(pattern), options);
  if (!regex->ok()) {
    const std::string_view lacking = what_re2_lacks(pattern);
    if (!lacking.empty()) {
      return std::unexpected("regular expressions have no " + std::string(lacking) +
                             "; they are those of RE2, whose time is bounded");
    }
    return std::unexpected("not a regular expression: " + regex->error());
  }
  return std::shared_ptr<const Regex>(new Regex(std::move(regex)));
}

bool Regex::is_in(std::string_view text) const {
  return regex_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, std::size_t from, std::span<std::string_view> groups) const {
  re2::StringPiece found[kMostGroups];
  const int wanted = std::min<int>(static_cast<int>(std::min(groups.size(), kMostGroups)),
                                   regex_->NumberOfCapturingGroups() + 1);
  if (!regex_->Match(piece(text), from, text.size(), re2::RE2::UNANCHORED, found, wanted)) return false;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool there = i < static_cast<std::size_t>(wanted) && found[i].data() != nullptr;
    groups[i] = there ? std::string_view(found[i].data(), found[i].size()) : std::string_view();
  }
  return true;
}

char* substitute(std::string_view substitution, std::span<const std::string_view> groups, char* out,
                 char* end) {
  const auto add = [&](std::string_view text) {
    out = std::copy_n(text.data(), std::min<std::size_t>(text.size(), static_cast<std::size_t>(end - out)),
                      out);
  };
  for (std::size_t i = 0; i < substitution.size(); ++i) {
    if (substitution[i] != '\\' || i + 1 == substitution.size()) {
      add(substitution.substr(i, 1));
      continue;
    }
    const char c = substitution[++i];
    const bool is_byte = c == 'x' && i + 2 < substitution.size() && hex_digit(substitution[i + 1]) >= 0 &&
                         hex_digit(substitution[i + 2]) >= 0;
    if (is_digit(c)) {
      const auto group = static_cast<std::size_t>(c - '0');
      if (group < groups.size()) add(groups[group]);
    } else if (is_byte) {
      const char byte =
          static_cast<char>(hex_digit(substitution[i + 1]) << 4 | hex_digit(substitution[i + 2]));
      add({&byte, 1});
      i += 2;
    } else {
      add(substitution.substr(i, 1));
    }
  }
  return out;
}

}  // namespace reseal::rules::expression
