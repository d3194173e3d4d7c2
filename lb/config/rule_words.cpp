#include "lb/config/rule_words.h"

#include <algorithm>

#include "lb/base/text.h"

namespace reseal::config {
namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// The character that a backslash and what follows stand for, and how many they are; 1: the backslash itself.
std::pair<char, std::size_t> escaped(std::string_view rest) {
  constexpr std::string_view kAsTheyAre = " \\#\"'";
  constexpr std::size_t kHexLength = 4;
  const char next = rest.size() > 1 ? rest[1] : '\0';
  if (next == 'n') return {'\n', 2};
  if (next == 'r') return {'\r', 2};
  if (next == 't') return {'\t', 2};
  if (next != '\0' && kAsTheyAre.find(next) != std::string_view::npos) return {next, 2};
  if (next == 'x' && rest.size() >= kHexLength) {
    if (const auto value = parse_hex(rest.substr(2, 2))) return {static_cast<char>(*value), kHexLength};
  }
  return {'\\', 1};
}

std::string quoted(const std::string& word) {
  const bool has_controls =
      std::ranges::any_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (word.find('\'') == std::string::npos && !has_controls) return '\'' + word + '\'';
  std::string text = "\"";
  for (const char c : word) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\r') {
      text += "\\r";
    } else if (c == '\t') {
      text += "\\t";
    } else {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text + '"';
}

}  // namespace

std::vector<std::string> split_rule(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (quote == 0 && is_blank(c)) {
      in_word = false;
      ++at;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? '\0' : c;
      ++at;
    } else if (c == '\\' && quote != '\'') {
      const auto [character, length] = escaped(text.substr(at));
      words.back() += character;
      at += length;
    } else {
      words.back() += c;
      ++at;
    }
  }
  return words;
}

std::string joined_rule(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    const bool is_plain = !word.empty() && std::ranges::none_of(word, [](char c) {
      return is_blank(c) || c == '"' || c == '\'' || c == '\\' || c == '#' ||
             static_cast<unsigned char>(c) < 0x20;
    });
    line += (line.empty() ? "" : " ") + (is_plain ? word : quoted(word));
  }
  return line;
}

}  // namespace reseal::config
