// The commands of HAProxy's runtime API that show the process's surroundings.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>

#include "lb/admin/cli_command.h"

extern char** environ;

namespace reseal::admin {

CliReply show_env(CliCall& call) {
  if (const std::string name(call.argument(0)); !name.empty()) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return message(Severity::kError, "Variable not found");
    return {fmt::format("{}={}\n", name, value)};
  }
  std::string text;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    text += *variable;
    text += '\n';
  }
  return {std::move(text)};
}

CliReply show_errors(CliCall&) {
  const auto now = std::chrono::system_clock::now();
  const auto thousandths =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return {
      fmt::format("Total events captured on [{:%d/%b/%Y:%H:%M:%S}.{:03}] : 0\n"
                  "reseal captures no messages; its log tells what was refused, and why.\n",
                  fmt::localtime(std::chrono::system_clock::to_time_t(now)), thousandths)};
}

CliReply show_cli_sockets(CliCall& call) {
  static constexpr std::array kLevels = {"user", "operator", "admin"};
  std::string text = "# socket lvl processes\n";
  for (const config::RuntimeSocket& socket : call.api.sockets)
    text += fmt::format("{} {} all\n", socket.text(), kLevels[static_cast<std::size_t>(socket.level)]);
  return {std::move(text)};
}

}  // namespace reseal::admin
