#include <fmt/format.h>

#include <cstdio>

#include "lb/cli/admin_client.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"

namespace reseal::cli {

int reload(const Target& target) {
  constexpr std::chrono::seconds kPatience(60);  // certificates are read and names resolved
  const auto socket = socket_of(target);
  if (!socket) return complain(socket.error());
  const auto answer = ask(*socket, "reload", kPatience);
  if (!answer) return complain(answer.error());
  if (!answer->ok) return complain(answer->text);
  fmt::print("reloaded: {}", answer->text);
  return kDone;
}

}  // namespace reseal::cli
