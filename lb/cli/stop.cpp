#include <fmt/format.h>

#include <cstdio>
#include <thread>

#include "lb/cli/admin_client.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"

namespace reseal::cli {

int stop(const Target& target, bool wait) {
  constexpr std::chrono::seconds kPatience(10);
  constexpr std::chrono::milliseconds kBetweenLooks(50);
  const auto socket = socket_of(target);
  if (!socket) return complain(socket.error());
  const auto answer = ask(*socket, "stop", kPatience);
  if (!answer) return complain(answer.error());
  if (!answer->ok) return complain(answer->text);
  fmt::print("stopping: requests in flight are finished first\n");
  if (!wait) return kDone;
  std::fflush(stdout);
  // The process answers at its socket to the very end; `drain` in its configuration bounds the wait.
  while (is_alive(*socket)) std::this_thread::sleep_for(kBetweenLooks);
  fmt::print("stopped\n");
  return kDone;
}

}  // namespace reseal::cli
