// A log-format string as http-request set-header and its kind have it: text with %[expressions]. The %variables of access
// logs are not here. Compiled once; immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"
#include "lb/rules/expression/expression.h"
#include "lb/rules/expression/sample_context.h"

namespace reseal::rules::expression {

class Format {
 public:
  /// What the text is for.
  enum class Use : std::uint8_t {
    kField,  ///< a value goes into a header: control characters of its parts are written %0A
    kText,   ///< as it is
    kLog,    ///< as kText, and '-' stands where there is no value
  };
  static constexpr std::size_t kMostPieces = 128;

  /// The text with its expressions filled in, cut at Sample::kMostText: in `arena`, or the format's own.
  [[nodiscard]] std::string_view render(const SampleContext& context, Arena& arena,
                                        Use use = Use::kField) const {
    if (pieces_.empty()) return {};
    if (pieces_.size() == 1 && !pieces_.front().expression) return pieces_.front().literal;
    return fill_in(context, arena, use);
  }
  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  /// There is no expression in it.
  [[nodiscard]] bool is_literal() const;
  /// What must be there for every expression to have a value (Needs).
  [[nodiscard]] std::uint8_t needs() const;

 private:
  friend class FormatParser;
  struct Piece {
    std::string literal;  ///< where there is no expression
    std::optional<Expression> expression;
    std::string otherwise;  ///< in place of an expression that has no value
    bool quoted = false;    ///< Q, which means nothing in fields
    bool escaped = false;   ///< E
  };
  [[nodiscard]] std::string_view fill_in(const SampleContext& context, Arena& arena, Use use) const;

  std::vector<Piece> pieces_;
};

}  // namespace reseal::rules::expression
