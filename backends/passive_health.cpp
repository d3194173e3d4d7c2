#include "backends/passive_health.h"

#include <fmt/format.h>

#include "backends/connection_pool.h"

namespace reseal::backends {
namespace {

constexpr int kFirstServerError = 500;

/// Adds one to a run of failures; the run's length if it is now a multiple of `limit`, 0 otherwise.
/// Multiples, not only the limit itself: a run that goes on after the server came back is news again.
std::uint32_t lengthen(std::atomic<std::uint32_t>& run, int limit) {
  const std::uint32_t length = run.fetch_add(1, std::memory_order_relaxed) + 1;
  return length % static_cast<std::uint32_t>(limit) == 0 ? length : 0;
}

/// Successes are frequent and mostly have nothing to forget: looking is cheaper than storing.
void end_run(std::atomic<std::uint32_t>& run) {
  if (run.load(std::memory_order_relaxed) != 0) run.store(0, std::memory_order_relaxed);
}

}  // namespace

void note_connected(ServerState& server) {
  end_run(server.connect_failures);
}

std::optional<std::string> note_connect_failure(ServerState& server, int limit, std::string_view why) {
  if (limit == 0) return std::nullopt;
  const std::uint32_t run = lengthen(server.connect_failures, limit);
  if (run == 0 || !server.is_up()) return std::nullopt;
  return fmt::format("{} failed connections in a row, last: {}", run, why);
}

std::optional<std::string> note_response(ServerState& server, int limit, int status) {
  if (limit == 0) return std::nullopt;
  if (status < kFirstServerError) {
    end_run(server.server_errors);
    return std::nullopt;
  }
  const std::uint32_t run = lengthen(server.server_errors, limit);
  if (run == 0 || !server.is_up()) return std::nullopt;
  return fmt::format("{} responses in a row were 5xx, last: {}", run, status);
}

// The pool's part: which limits apply, and whom to tell.

void ConnectionPool::passive_connect_failed(const std::string& why) {
  auto reason = note_connect_failure(*server_->state, server_->suspect_after_connect_failures, why);
  if (reason) services_.reports.on_server_suspect(server_->state, std::move(*reason));
}

void ConnectionPool::count_response(int status) {
  auto reason = note_response(*server_->state, server_->suspect_after_server_errors, status);
  if (reason) services_.reports.on_server_suspect(server_->state, std::move(*reason));
}

}  // namespace reseal::backends
