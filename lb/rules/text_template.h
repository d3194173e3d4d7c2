// A text with variables, as rules write fields, redirects and paths: "https://{host}{path}{query}". Braces of
// their own are doubled. Compiled once; immutable; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"
#include "lb/rules/expression/compiler.h"
#include "lb/rules/request_facts.h"

namespace reseal::rules {

class TextTemplate {
 public:
  /// Bounds what one text can grow to, whatever a client sends.
  static constexpr std::size_t kMostVariables = 8;
  static constexpr std::size_t kMostBytes = 4096;

  TextTemplate() = default;
  /// `compiler` makes sense of what stands in braces and is no variable ("{req.hdr(host),lower}"); null: that is an error.
  /// The error says in words what is wrong.
  static std::expected<TextTemplate, std::string> parse(std::string_view text,
                                                        const expression::Compiler* compiler = nullptr);
  /// Every variable's name, in the order of the documentation.
  static std::vector<std::string_view> variable_names();

  /// The text with its variables filled in: in `arena`, or the template's own where there is none.
  [[nodiscard]] std::string_view render(const RequestFacts& facts, Arena& arena) const;
  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  [[nodiscard]] bool has_expressions() const { return !expressions_.empty(); }

 private:
  struct Piece {
    std::string_view RequestFacts::* variable = nullptr;  // null: literal
    std::uint32_t begin = 0;                              // of a literal, in literals_
    std::uint32_t size = 0;
    std::optional<std::uint32_t> expression{};  // its number in expressions_
  };
  [[nodiscard]] std::string_view text_of(const Piece& piece, const RequestFacts& facts, Arena& arena) const;
  /// What stands in braces; the error says what is wrong with it.
  std::expected<void, std::string> add_variable(std::string_view name, const expression::Compiler* compiler);
  void add_literal(char c);

  std::string literals_;
  std::vector<Piece> pieces_;
  std::vector<expression::Expression> expressions_;
};

}  // namespace reseal::rules
