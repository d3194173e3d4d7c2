#include "lb/rules/expression/json_path.h"

#include <algorithm>

#include "lb/base/text.h"

namespace reseal::rules::expression {
namespace {

/// ".name" or "[3]" from the front of a path; what is neither leaves both empty.
struct Step {
  std::string_view name;
  std::optional<std::size_t> index;
};
Step take_step(std::string_view& path) {
  Step step;
  if (path.starts_with('.')) {
    const std::size_t end = std::min(path.find_first_of(".[", 1), path.size());
    step.name = path.substr(1, end - 1);
    path.remove_prefix(end);
  } else if (path.starts_with('[')) {
    const std::size_t end = path.find(']');
    const auto index = end == std::string_view::npos ? std::nullopt : parse_decimal(path.substr(1, end - 1));
    if (!index) return step;
    step.index = static_cast<std::size_t>(*index);
    path.remove_prefix(end + 1);
  }
  return step;
}

constexpr bool is_of_number(char c) {
  return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

}  // namespace

bool JsonText::is_path(std::string_view path) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    const Step step = take_step(path);
    if (step.name.empty() && !step.index) return false;
  }
  return true;
}

std::optional<JsonValue> JsonText::find(std::string_view path) {
  at_ = 0;
  path.remove_prefix(1);  // '$'
  while (!path.empty()) {
    const Step step = take_step(path);
    if (!(step.index ? enter_element(*step.index) : enter_member(step.name))) return std::nullopt;
  }
  return take_value(0);
}

bool JsonText::enter_member(std::string_view name) {
  if (!take('{')) return false;
  do {
    const auto key = take_string();
    if (!key || !take(':')) return false;
    if (*key == name) return true;
    if (!take_value(0)) return false;
  } while (take(','));
  return false;
}

bool JsonText::enter_element(std::size_t index) {
  if (!take('[')) return false;
  skip_blanks();
  if (at_ < text_.size() && text_[at_] == ']') return false;
  for (; index > 0; --index) {
    if (!take_value(0) || !take(',')) return false;
  }
  return true;
}

std::optional<JsonValue> JsonText::take_value(int nested) {
  using Kind = JsonValue::Kind;
  skip_blanks();
  if (at_ == text_.size() || nested == kMostNested) return std::nullopt;
  const char first = text_[at_];
  if (first == '"') {
    const auto string = take_string();
    return string ? std::optional(JsonValue{Kind::kString, *string}) : std::nullopt;
  }
  if (first == '{' || first == '[') return take_nested(first == '{' ? '}' : ']', nested);
  constexpr std::pair<std::string_view, Kind> kWords[] = {
      {"true", Kind::kTrue}, {"false", Kind::kFalse}, {"null", Kind::kNull}};
  for (const auto& [word, kind] : kWords) {
    if (!text_.substr(at_).starts_with(word)) continue;
    at_ += word.size();
    return JsonValue{kind, word};
  }
  const std::size_t begin = at_;
  if (first != '-' && !is_digit(first)) return std::nullopt;
  while (at_ < text_.size() && is_of_number(text_[at_])) ++at_;
  return JsonValue{Kind::kNumber, text_.substr(begin, at_ - begin)};
}

std::optional<JsonValue> JsonText::take_nested(char end, int nested) {
  const std::size_t begin = at_++;
  if (!take(end)) {
    do {
      if (end == '}' && (!take_string() || !take(':'))) return std::nullopt;
      if (!take_value(nested + 1)) return std::nullopt;
    } while (take(','));
    if (!take(end)) return std::nullopt;
  }
  return JsonValue{end == '}' ? JsonValue::Kind::kObject : JsonValue::Kind::kArray,
                   text_.substr(begin, at_ - begin)};
}

std::optional<std::string_view> JsonText::take_string() {
  if (!take('"')) return std::nullopt;
  const std::size_t begin = at_;
  for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
    if (static_cast<unsigned char>(text_[at_]) < 0x20) return std::nullopt;
    if (text_[at_] == '\\') ++at_;
  }
  if (at_ >= text_.size()) return std::nullopt;
  return text_.substr(begin, at_++ - begin);
}

bool JsonText::take(char c) {
  skip_blanks();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonText::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
}

}  // namespace reseal::rules::expression
