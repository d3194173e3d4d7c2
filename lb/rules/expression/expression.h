// A fetch and the converters behind it ("req.hdr(host),lower"), compiled. Immutable; any thread; evaluation allocates
// nothing beside what it takes from the arena, and is bounded by the number of converters and Sample::kMostText.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lb/base/arena.h"
#include "lb/rules/expression/argument.h"
#include "lb/rules/expression/call.h"
#include "lb/rules/expression/sample.h"
#include "lb/rules/expression/sample_context.h"

namespace reseal::rules::expression {

struct ConverterRow;

class Expression {
 public:
  static constexpr std::size_t kMostConverters = 32;

  /// The value, or nothing where there is none. Views are of the context, of the arena or of this expression.
  [[nodiscard]] std::optional<Sample> evaluate(const SampleContext& context, Arena& arena) const;
  /// The same as a string; nothing where the value has no such form.
  [[nodiscard]] std::optional<std::string_view> text(const SampleContext& context, Arena& arena) const;
  /// One value of several (the lines of a field, the cookies of a name) a call, from a fresh cursor on; as conditions
  /// look at them, into a fresh `sample`. False: there is none. Nothing more when the cursor says so.
  [[nodiscard]] bool next(const SampleContext& context, Arena& arena, Cursor& cursor, Sample& sample) const;

  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] bool has_converters() const { return !steps_.empty(); }
  /// What must be there for a value (Needs).
  [[nodiscard]] std::uint8_t needs() const;

 private:
  friend class ExpressionParser;
  struct Step {
    const ConverterRow* row = nullptr;
    std::vector<Argument> arguments;
  };
  /// Whether what the fetch looks at is still there.
  [[nodiscard]] bool is_there(const SampleContext& context) const;
  /// `sample` is fresh; `cursor` is null for the one value that there is.
  bool fill(const SampleContext& context, Arena& arena, Cursor* cursor, Sample& sample) const;
  bool convert_all(const SampleContext& context, Arena& arena, Sample& sample) const;

  // Of the fetch's row, which is one memory access less.
  bool (*fetch_)(const Call& call, Sample& out) = nullptr;
  std::uint8_t needs_ = kNeedsNothing;
  std::vector<Argument> arguments_;
  std::vector<Step> steps_;
  Type type_ = Type::kAny;
};

}  // namespace reseal::rules::expression
