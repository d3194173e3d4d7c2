// What is wrong with a text that is compiled, and where.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace reseal::rules::expression {

struct CompileError {
  std::string message;     ///< what was found, what is accepted
  std::size_t word = 0;    ///< which of the words; 0 where there is one text only
  std::size_t offset = 0;  ///< of the character in that word
};
template <class T>
using Compiled = std::expected<T, CompileError>;

}  // namespace reseal::rules::expression
