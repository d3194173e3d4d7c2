// One conversation of HAProxy's runtime API: bytes in, answers out. A line may hold several commands between semicolons, each
// answered and followed by an empty line; without `prompt` the conversation ends behind the last line there is. Pure but for
// what the commands do. Control thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "lb/admin/cli_command.h"

namespace reseal::admin {

class CliSession {
 public:
  static constexpr std::size_t kLongestLine = 16384;       ///< as HAProxy's buffer
  static constexpr std::size_t kLongestPayload = 1 << 20;  ///< with the lines of a payload

  /// All borrowed.
  CliSession(runtime::Control& control, const config::RuntimeApi& api, config::AccessLevel level);

  /// Takes what has come. False: a line is too long, the conversation is to be broken off.
  [[nodiscard]] bool feed(std::string_view bytes);
  /// Runs the next command, if a whole one is there, and appends its answer. False: there is none; more input is needed, or
  /// it is over.
  bool run_next(std::string& out);
  /// Nothing more will be answered.
  [[nodiscard]] bool is_over() const { return state_.is_over; }
  [[nodiscard]] Duration timeout() const { return state_.timeout; }

 private:
  struct Command {
    std::vector<std::string> words;
    bool wants_payload = false;
  };
  bool take_line();
  void split(std::string_view line);
  bool take_payload(std::string& payload);
  void answer(const CliReply& reply, std::string& out) const;

  runtime::Control& control_;
  const config::RuntimeApi& api_;
  CliState state_;
  std::string input_;
  std::deque<Command> commands_;  // of the line that was read last
  bool was_asked_ = false;
};

}  // namespace reseal::admin
