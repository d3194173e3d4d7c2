// Asks a running process over its admin socket. Blocking; the CLI's side.
#pragma once

#include <expected>
#include <string>

#include "lb/cli/commands.h"

namespace reseal::cli {

struct AdminAnswer {
  bool ok = false;
  std::string text;
};

/// The socket that `target` means. The error is a sentence for people.
std::expected<std::string, std::string> socket_of(const Target& target);

/// Sends `command` and waits up to `seconds` for the whole answer. The error is a sentence for people.
std::expected<AdminAnswer, std::string> ask(const std::string& socket, const std::string& command, int seconds);

/// Whether anybody answers at the socket.
bool is_answering(const std::string& socket);

}  // namespace reseal::cli
