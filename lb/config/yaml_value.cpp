#include "lb/config/yaml_value.h"

#include <algorithm>
#include <array>

#include "lb/base/text.h"

namespace reseal::config {
namespace {

constexpr std::size_t kMostColumns = 110;
constexpr std::size_t kStep = 2;

/// What other readers of YAML take for something else than a text. Numbers are left as they are: reseal reads texts only.
constexpr std::array<std::string_view, 7> kOwnWords = {"null", "~", "yes", "no", "y", "n", "<<"};

bool is_plain(std::string_view text) {
  if (text.empty() || std::ranges::find(kOwnWords, lowered(text)) != kOwnWords.end()) return false;
  const auto is_word = [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' || c == '/' ||
           c == '.';
  };
  // A number with a point would be one to others.
  const bool is_fraction = std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; }) &&
                           text.find('.') != std::string_view::npos;
  return !is_fraction && is_word(text.front()) && std::ranges::all_of(text, [&](char c) {
    return is_word(c) || c == '-' || c == '+' || c == '%' || c == '=' || c == ';';
  });
}

bool is_printable(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
}

std::string in_double_quotes(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += std::string("\\") + c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\r') {
      quoted += "\\r";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (is_printable(c)) {
      quoted += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      quoted += std::string("\\x") + kHex[byte >> 4] + kHex[byte & 0xf];
    }
  }
  return quoted + '"';
}

std::string in_single_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + '\'';
}

/// In one line; nothing if there are comments in it or something that wants lines of its own.
bool write_flow(const YamlValue& value, std::string& line) {
  if (value.in_lines || line.size() > kMostColumns) return false;
  if (value.kind == YamlValue::Kind::kScalar) {
    line += value.text;
    return true;
  }
  const bool is_map = value.kind == YamlValue::Kind::kMap;
  const std::size_t count = is_map ? value.entries.size() : value.items.size();
  line += is_map ? "{" : "[";
  for (std::size_t i = 0; i < count; ++i) {
    line += i != 0 ? ", " : is_map ? " " : "";
    if (is_map) {
      if (!value.entries[i].comments.empty()) return false;
      line += yaml_scalar(value.entries[i].key) + ": ";
    }
    if (!write_flow(is_map ? value.entries[i].value : value.items[i], line)) return false;
  }
  line += is_map ? (count != 0 ? " }" : "}") : "]";
  return line.size() <= kMostColumns;
}

class Writer {
 public:
  std::string text;

  /// Behind "key:" or "-": in the same line if it fits there, otherwise below.
  void write_behind(const YamlValue& value, std::size_t indent, std::size_t column) {
    std::string line(column + 1, ' ');
    if (write_flow(value, line) || value.kind == YamlValue::Kind::kScalar) {
      text += ' ' + (value.kind == YamlValue::Kind::kScalar ? value.text : line.substr(column + 1)) + '\n';
      return;
    }
    text += '\n';
    write_block(value, indent);
  }

  void write_block(const YamlValue& value, std::size_t indent) {
    const std::string margin(indent, ' ');
    for (const YamlValue::Entry& entry : value.entries) {
      for (const std::string& comment : entry.comments) text += margin + "# " + comment + '\n';
      const std::string key = yaml_scalar(entry.key) + ':';
      text += margin + key;
      write_behind(entry.value, indent + kStep, indent + key.size());
    }
    for (const YamlValue& item : value.items) {
      text += margin + '-';
      write_item(item, indent);
    }
  }

 private:
  /// The first key of a map stands behind its dash.
  void write_item(const YamlValue& item, std::size_t indent) {
    std::string line(indent + 2, ' ');
    if (item.kind != YamlValue::Kind::kMap || write_flow(item, line)) {
      write_behind(item, indent + kStep, indent + 1);
      return;
    }
    Writer inner;
    inner.write_block(item, indent + kStep);
    text += ' ' + inner.text.substr(indent + kStep);
  }
};

}  // namespace

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  if (!std::ranges::all_of(text, is_printable)) return in_double_quotes(text);
  const bool is_easy = text.find_first_of("\"\\") == std::string_view::npos;
  return is_easy ? in_double_quotes(text) : in_single_quotes(text);
}

YamlValue YamlValue::scalar(std::string_view text) {
  YamlValue value;
  value.kind = Kind::kScalar;
  value.text = yaml_scalar(text);
  return value;
}

YamlValue YamlValue::list(const std::vector<std::string>& texts) {
  YamlValue value;
  value.kind = Kind::kSequence;
  for (const std::string& text : texts) value.items.push_back(scalar(text));
  return value;
}

std::string yaml_text(const YamlValue& root) {
  Writer writer;
  writer.write_block(root, 0);
  return std::move(writer.text);
}

}  // namespace reseal::config
