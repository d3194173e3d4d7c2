// What can be asked over HAProxy's runtime API: one row a command. Control thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/config/runtime_api.h"
#include "lb/runtime/control.h"

namespace reseal::admin {

/// Before a message, if the client wants it (`set severity-output`).
enum class SeverityOutput : std::uint8_t { kNone, kNumber, kString };
/// As of syslog.
enum class Severity : std::uint8_t { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6 };

/// What commands may change of the conversation they are part of.
struct CliState {
  config::AccessLevel level = config::AccessLevel::kOperator;
  SeverityOutput severity_output = SeverityOutput::kNone;
  Duration timeout{10000};
  bool has_prompt = false;
  bool is_over = false;  ///< quit
};

struct CliCall {
  runtime::Control& control;
  CliState& state;
  const config::RuntimeApi& api;       ///< as configured
  std::vector<std::string> arguments;  ///< the words behind the command's name
  std::string payload;                 ///< the lines behind "<<"

  /// Empty if there are not so many.
  [[nodiscard]] std::string_view argument(std::size_t index) const {
    return index < arguments.size() ? std::string_view(arguments[index]) : std::string_view();
  }
  [[nodiscard]] bool has_argument(std::string_view word) const;
};

struct CliReply {
  std::string text{};
  Severity severity = Severity::kInfo;
  bool is_message = false;  ///< a sentence, which may have its severity before it
};
/// A sentence; its line's end is added.
CliReply message(Severity severity, std::string text);

struct CliCommand {
  std::string_view name;   ///< its words: "show servers state"
  std::string_view usage;  ///< what may follow them: "[<backend>]"
  std::string_view help;
  config::AccessLevel level;  ///< the least that may
  CliReply (*run)(CliCall& call);
};

/// Every command, in the order of `help`.
std::span<const CliCommand> cli_commands();
/// Runs the command that `words` begin with. What is no command gets those that are like it.
CliReply run_cli_command(std::vector<std::string> words, std::string payload, runtime::Control& control,
                         const config::RuntimeApi& api, CliState& state);

// The commands that show something; one file a subject.
CliReply show_info(CliCall& call);
CliReply show_stat(CliCall& call);
CliReply show_servers_state(CliCall& call);
CliReply show_servers_conn(CliCall& call);
CliReply show_backend(CliCall& call);
CliReply get_weight(CliCall& call);
CliReply show_env(CliCall& call);
CliReply show_errors(CliCall& call);
CliReply show_sess(CliCall& call);
CliReply show_cli_sockets(CliCall& call);

}  // namespace reseal::admin
