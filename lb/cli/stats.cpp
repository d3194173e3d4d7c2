#include <fmt/format.h>

#include <cstdio>

#include "lb/cli/admin_client.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/stats/table.h"

namespace reseal::cli {

int stats(const Target& target, bool json) {
  constexpr std::chrono::seconds kPatience(10);
  const auto socket = socket_of(target);
  if (!socket) return complain(socket.error());
  const auto answer = ask(*socket, "stats", kPatience);
  if (!answer) return complain(answer.error());
  if (!answer->ok) return complain(answer->text);
  if (json) {
    fmt::print("{}", answer->text);
    return kDone;
  }
  const auto table = reseal::stats::table_text(answer->text);
  if (!table) return complain(table.error());
  fmt::print("{}", *table);
  return kDone;
}

}  // namespace reseal::cli
