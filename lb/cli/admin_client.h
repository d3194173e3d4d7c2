// Asks a running process over its admin socket: one connection a question. Blocking; used by the client
// commands only. Errors are sentences for people: what is wrong with which socket, and what to do.
#pragma once

#include <chrono>
#include <expected>
#include <string>

#include "lb/cli/commands.h"

namespace reseal::cli {

struct AdminAnswer {
  bool ok = false;  ///< false: refused, and the text says why
  std::string text;
};

/// The socket that `target` means. An error when its configuration file does not load; it then has every
/// problem.
std::expected<std::string, std::string> socket_of(const Target& target);

/// Sends `command` and waits up to `patience`, connecting included, for the whole answer.
std::expected<AdminAnswer, std::string> ask(const std::string& socket, const std::string& command,
                                            std::chrono::milliseconds patience);

/// Whether there still is a process at the socket: false if nobody listens there, or the socket is gone.
bool is_alive(const std::string& socket);

}  // namespace reseal::cli
