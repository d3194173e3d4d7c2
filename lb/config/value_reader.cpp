#include "lb/config/value_reader.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// digits followed by one of the units; nullopt otherwise or on overflow.
std::optional<std::uint64_t> number_with_unit(std::string_view text, std::span<const Unit> units) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  const auto number = parse_decimal(text.substr(0, digits));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

}  // namespace

std::string shown(const YamlNode& node) {
  return node.is_scalar() ? "'" + shortened(node.text) + "'" : std::string(node.kind_text());
}

void ValueReader::report(Severity severity, Place place, std::string message) {
  if (is_full()) {
    ++(severity == Severity::kError ? errors_left_out_ : warnings_left_out_);
    return;
  }
  problems_.push_back({severity, {}, place, std::move(message), {}});
}

std::vector<Problem> ValueReader::take_problems() {
  std::vector<Problem> problems = std::exchange(problems_, {});
  if (errors_left_out_ + warnings_left_out_ == 0) return problems;
  Problem rest{errors_left_out_ != 0 ? Severity::kError : Severity::kWarning, {}, {}, {}, {}};
  // It comes last once all are in order of place.
  for (const Problem& problem : problems) rest.place = std::max(rest.place, problem.place);
  rest.message = "and " + std::to_string(std::exchange(errors_left_out_, 0)) + " errors and " +
                 std::to_string(std::exchange(warnings_left_out_, 0)) + " warnings more";
  problems.push_back(std::move(rest));
  return problems;
}

void ValueReader::wrong(const YamlNode& node, const char* key, const std::string& accepted) {
  error(node.place, std::string(key) + " is " + shown(node) + "; accepted: " + accepted);
}

void ValueReader::unknown_word(const YamlNode& node, const char* key,
                               const std::vector<std::string>& accepted) {
  // "off" is near in spelling only.
  const bool has_hint = node.is_scalar() && !equals_ignoring_case(node.text, "on");
  const std::string hint = has_hint ? did_you_mean(node.text, accepted) : "";
  error(node.place, std::string(key) + " is " + shown(node) + hint + " (accepted: " + one_of(accepted) + ")");
}

void ValueReader::text(const YamlNode& node, const char* key, std::string& out) {
  if (!node.is_scalar() || node.text.empty()) {
    wrong(node, key, "a text");
    return;
  }
  for (const char c : node.text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      error(node.place, std::string(key) + " holds a control character");
      return;
    }
  }
  out = node.text;
}

void ValueReader::lines(const YamlNode& node, const char* key, std::string& out) {
  if (node.is_scalar()) {
    out = node.text;
  } else {
    wrong(node, key, "a text");
  }
}

void ValueReader::path(const YamlNode& node, const char* key, std::string& out) {
  std::string written;
  text(node, key, written);
  if (written.empty()) return;
  out = std::filesystem::path(written).is_absolute() ? written
                                                     : (std::filesystem::path(folder_) / written).string();
}

void ValueReader::visible(const YamlNode& node, const char* key, const char* accepted, std::string& out) {
  if (!node.is_scalar() || node.text.empty() || !std::ranges::all_of(node.text, is_visible)) {
    wrong(node, key, accepted);
  } else {
    out = node.text;
  }
}

void ValueReader::request_path(const YamlNode& node, const char* key, std::string& out) {
  std::string written;
  visible(node, key, "a path such as /healthz, without blanks", written);
  if (written.empty()) return;
  if (written.front() == '/') {
    out = written;
  } else {
    wrong(node, key, "a path that begins with '/', such as /healthz");
  }
}

void ValueReader::token(const YamlNode& node, const char* key, std::string& out) {
  if (!node.is_scalar() || node.text.empty() || !http::all_chars(node.text, http::kTokenChar)) {
    wrong(node, key, "letters, digits and '-', as in the name of a field or a method");
  } else {
    out = node.text;
  }
}

void ValueReader::boolean(const YamlNode& node, const char* key, bool& out) {
  static const std::vector<std::pair<std::string, bool>> kWords = {{"true", true}, {"false", false}};
  word(node, key, kWords, out);
}

void ValueReader::integer(const YamlNode& node, const char* key, std::int64_t least, std::int64_t most,
                          int& out, const char* also_accepted) {
  const auto number = node.is_scalar() ? parse_decimal(node.text) : std::nullopt;
  if (!number || *number > static_cast<std::uint64_t>(most) || static_cast<std::int64_t>(*number) < least) {
    wrong(node, key,
          "a number from " + std::to_string(least) + " to " + std::to_string(most) + also_accepted);
    return;
  }
  out = static_cast<int>(*number);
}

void ValueReader::percent(const YamlNode& node, const char* key, int least, int most, const char* example,
                          int& out) {
  const bool is_share = node.is_scalar() && node.text.ends_with('%');
  const auto number = parse_decimal(is_share ? std::string_view(node.text).substr(0, node.text.size() - 1)
                                             : std::string_view());
  if (number && *number <= static_cast<std::uint64_t>(most) && static_cast<int>(*number) >= least) {
    out = static_cast<int>(*number);
  } else {
    wrong(node, key,
          "a share from " + std::to_string(least) + "% to " + std::to_string(most) + "%, such as " + example);
  }
}

std::optional<Duration> duration_of_text(std::string_view text) {
  static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  constexpr std::uint64_t kMost = std::uint64_t{24} * 24 * 3'600'000;
  const auto value = number_with_unit(text, kUnits);
  if (!value || *value == 0 || *value > kMost) return std::nullopt;
  return Duration(*value);
}

void ValueReader::duration(const YamlNode& node, const char* key, Duration& out) {
  const auto value = node.is_scalar() ? duration_of_text(node.text) : std::nullopt;
  if (!value) {
    const bool bare = node.is_scalar() && parse_decimal(node.text).has_value();
    wrong(node, key,
          bare ? "a time with its unit, such as " + node.text + "s or " + node.text + "ms (above 0)"
               : "a time such as 500ms, 2s, 1m or 1h (above 0, at most 24 days)");
    return;
  }
  out = *value;
}

void ValueReader::size(const YamlNode& node, const char* key, std::uint64_t least, std::uint64_t most,
                       std::uint64_t& out) {
  static constexpr Unit kUnits[] = {{"", 1},        {"B", 1},         {"k", 1024},       {"KiB", 1024},
                                    {"m", 1048576}, {"MiB", 1048576}, {"g", 1ULL << 30}, {"GiB", 1ULL << 30}};
  const auto value = node.is_scalar() ? number_with_unit(node.text, kUnits) : std::nullopt;
  if (!value || *value < least || *value > most) {
    wrong(node, key,
          "a size from " + std::to_string(least) + " to " + std::to_string(most) +
              " bytes, such as 16KiB or 1MiB");
    return;
  }
  out = *value;
}

void ValueReader::size(const YamlNode& node, const char* key, std::uint32_t least, std::uint32_t most,
                       std::uint32_t& out) {
  std::uint64_t value = out;
  size(node, key, std::uint64_t{least}, std::uint64_t{most}, value);
  out = static_cast<std::uint32_t>(value);
}

std::vector<const YamlNode*> ValueReader::text_or_list(const YamlNode& node, const char* key) {
  std::vector<const YamlNode*> texts;
  if (node.is_scalar()) texts.push_back(&node);
  for (const auto& item : node.items) {
    if (item->is_scalar()) {
      texts.push_back(item.get());
    } else {
      wrong(*item, key, "a list of texts");
    }
  }
  if (texts.empty() && (!node.is_sequence() || node.items.empty()))
    wrong(node, key, "a text or a list of texts");
  return texts;
}

std::vector<const YamlNode*> ValueReader::maps(const YamlNode& node, const char* key) {
  std::vector<const YamlNode*> found;
  if (node.is_map()) found.push_back(&node);
  for (const auto& item : node.items) {
    if (is_map(*item, std::string("an entry of ") + key)) found.push_back(item.get());
  }
  if (!node.is_map() && (!node.is_sequence() || node.items.empty())) wrong(node, key, "a list of maps");
  return found;
}

bool ValueReader::is_map(const YamlNode& node, const std::string& what) {
  if (node.is_map()) return true;
  error(node.place, what + " is " + shown(node) + "; accepted: a map of its keys");
  return false;
}

}  // namespace reseal::config
