// One value out of a JSON text (RFC 8259) by its path, "$.user.roles[0]". Bounded: what is nested deeper than kMostNested is
// none. Pure; allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reseal::rules::expression {

struct JsonValue {
  enum class Kind : std::uint8_t { kString, kNumber, kTrue, kFalse, kNull, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string_view text;  ///< as it stands there; of a string without its quotes
};

class JsonText {
 public:
  static constexpr int kMostNested = 20;

  explicit JsonText(std::string_view text) : text_(text) {}
  /// Nothing: there is none, or what stands before it is no JSON.
  std::optional<JsonValue> find(std::string_view path);
  /// Whether `path` is one.
  static bool is_path(std::string_view path);

 private:
  bool enter_member(std::string_view name);
  bool enter_element(std::size_t index);
  std::optional<JsonValue> take_value(int nested);
  std::optional<JsonValue> take_nested(char end, int nested);
  std::optional<std::string_view> take_string();
  bool take(char c);
  void skip_blanks();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace reseal::rules::expression
