// What can be asked over the admin socket: one row a command. Control thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lb/runtime/control.h"

namespace reseal::admin {

/// The answer to a command. On the wire: the word, a line feed, the text.
struct Answer {
  enum class Kind : std::uint8_t { kOk, kRefused, kUnknown };
  Kind kind = Kind::kOk;  ///< kUnknown: no such command
  std::string text;
  [[nodiscard]] std::string wire() const;
};

struct Command {
  const char* name;
  const char* help;
  void (*run)(runtime::Control& control, std::function<void(Answer)> answer);
};

/// Every command, in the order of `help`.
std::span<const Command> commands();

/// Runs the command named by `line` (blanks around it are ignored). `answer` is called once, possibly before
/// this returns, and possibly after whoever asked has gone.
void run_command(std::string_view line, runtime::Control& control, std::function<void(Answer)> answer);

}  // namespace reseal::admin
