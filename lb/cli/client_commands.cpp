#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "lb/cli/admin_client.h"
#include "lb/cli/commands.h"
#include "lb/stats/table.h"

namespace reseal::cli {
namespace {

constexpr int kAnswerSeconds = 10;
constexpr int kReloadSeconds = 60;

int complain(const std::string& sentence) {
  fmt::print(stderr, "reseal: {}\n", sentence);
  return 1;
}

/// Asks and hands the answer to `use`; failures end in a sentence and exit status 1.
template <class Use>
int with_answer(const Target& target, const char* command, int seconds, Use use) {
  const auto socket = socket_of(target);
  if (!socket) return complain(socket.error());
  const auto answer = ask(*socket, command, seconds);
  if (!answer) return complain(answer.error());
  return use(*answer, *socket);
}

}  // namespace

int reload(const Target& target) {
  return with_answer(target, "reload", kReloadSeconds, [](const AdminAnswer& answer, const std::string&) {
    fmt::print(answer.ok ? stdout : stderr, "{}{}", answer.ok ? "reloaded: " : "", answer.text);
    return answer.ok ? 0 : 1;
  });
}

int stats(const Target& target, bool json) {
  return with_answer(target, "stats", kAnswerSeconds, [json](const AdminAnswer& answer, const std::string&) {
    if (!answer.ok) return complain(answer.text);
    if (json) {
      fmt::print("{}", answer.text);
      return 0;
    }
    const auto table = reseal::stats::table_text(answer.text);
    if (!table) return complain(table.error());
    fmt::print("{}", *table);
    return 0;
  });
}

int stop(const Target& target, bool wait) {
  return with_answer(target, "stop", kAnswerSeconds, [wait](const AdminAnswer& answer, const std::string& socket) {
    if (!answer.ok) return complain(answer.text);
    fmt::print("stopping: requests in flight are finished first\n");
    while (wait && is_answering(socket)) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (wait) fmt::print("stopped\n");
    return 0;
  });
}

}  // namespace reseal::cli
