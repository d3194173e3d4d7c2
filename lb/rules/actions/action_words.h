// The words of one rule while its action is read: one after the other up to the condition. Control thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lb/rules/expression/compiler.h"
#include "lb/rules/expression/pattern_file.h"
#include "lb/rules/expression/regex.h"
#include "lb/rules/static_body.h"

namespace reseal::rules::actions {

using expression::Compiled;
using expression::CompileError;

class ActionWords {
 public:
  /// All borrowed. The first word is the action's name.
  ActionWords(const expression::Compiler& compiler, const expression::Environment& environment,
              std::span<const std::string> words)
      : compiler_(compiler), environment_(environment), words_(words) {}

  [[nodiscard]] const std::string& name() const { return words_.front(); }
  /// What stands in parentheses in the name: "txn.x" of "set-var(txn.x)"; nothing without them.
  [[nodiscard]] std::optional<std::string_view> argument_of_name() const;

  /// Behind the last word, or at the condition.
  [[nodiscard]] bool at_end() const;
  [[nodiscard]] std::size_t position() const { return at_; }
  /// The next word if it is `word`, which is then taken.
  bool take_if(std::string_view word);
  /// The next word; `what` says what is expected if there is none.
  Compiled<std::string> take(std::string_view what);
  Compiled<expression::Format> take_format(std::string_view what);
  Compiled<expression::Expression> take_expression(std::string_view what);
  Compiled<std::shared_ptr<const expression::Regex>> take_regex(bool ignore_case);
  /// The name of a field.
  Compiled<std::string> take_field_name();
  Compiled<int> take_status(int least, int most);
  /// All that is left up to the condition, as one expression: "req.hdr(x), lower" may be written with blanks.
  Compiled<expression::Expression> take_rest_as_expression(std::string_view what);

  /// Of a text that was taken last.
  [[nodiscard]] Compiled<expression::Format> format(std::string_view text) const;
  [[nodiscard]] Compiled<expression::Expression> expression(std::string_view text) const;
  /// The stick table of that name; empty: the section's own.
  [[nodiscard]] Compiled<std::shared_ptr<stick::Table>> table(const std::string& name) const;
  /// The file of patterns or of a map of that name, which the rule will change.
  [[nodiscard]] Compiled<std::shared_ptr<expression::PatternFile>> changing_file(std::string_view path) const;
  [[nodiscard]] Compiled<std::string> read_file(const std::string& path) const;
  [[nodiscard]] Compiled<expression::VariableId> variable(std::string_view name) const;

  /// At the word that was taken last.
  [[nodiscard]] std::unexpected<CompileError> error(std::string message) const;
  /// At the next word.
  [[nodiscard]] std::unexpected<CompileError> unexpected_word(std::string_view accepted) const;

 private:
  const expression::Compiler& compiler_;
  const expression::Environment& environment_;
  std::span<const std::string> words_;
  std::size_t at_ = 1;
};

}  // namespace reseal::rules::actions
