// Reads a log-format string. Control thread.
#pragma once

#include <string_view>

#include "lb/rules/expression/compile_error.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/expression/format.h"

namespace reseal::rules::expression {

class FormatParser {
 public:
  FormatParser(std::string_view text, const Environment& environment)
      : text_(text), environment_(environment) {}
  Compiled<Format> parse();

 private:
  struct Flags {
    bool quoted = false;
    bool escaped = false;
  };
  void add_literal(char c);
  Compiled<void> take_variable();
  Compiled<Flags> take_flags();
  Compiled<void> take_expression(const Flags& flags);
  Compiled<void> add_pieces_of(std::string_view format, const Flags& flags);

  std::string_view text_;
  const Environment& environment_;
  std::size_t at_ = 0;
  Flags all_;  // what %{...}o has set for those that follow
  Format format_;
};

}  // namespace reseal::rules::expression
