// The words of a `stick` rule as what they are. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "lb/config/rule_lines.h"

namespace reseal::runtime {

/// "on" EXPRESSION ["table" TABLE] [("if"|"unless") CONDITION]; an expression may be several words.
struct StickWords {
  std::string how;         ///< on, match, store-request, store-response
  std::string expression;  ///< as one text
  std::string table;       ///< empty: the section's own
  std::size_t table_word = 0;
  std::size_t condition = 0;   ///< its first word; 0: there is none
  std::size_t unexpected = 0;  ///< a word that does not belong there; 0: none
};
StickWords split_stick_words(const config::RuleLine& line);

}  // namespace reseal::runtime
