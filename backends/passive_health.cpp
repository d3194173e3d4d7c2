#include <fmt/format.h>

#include "backends/connection_pool.h"

namespace reseal::backends {

// What a pool concludes from traffic. Only failures touch shared memory with locked instructions; successes look, and
// write only when there is something to forget.

void ConnectionPool::passive_connect_failed(const std::string& why) {
  const int limit = server_->suspect_after_connect_failures;
  if (limit == 0) return;
  const std::uint32_t failures = server_->state->connect_failures.fetch_add(1, std::memory_order_relaxed) + 1;
  if (failures % static_cast<std::uint32_t>(limit) != 0 || !server_->state->is_up()) return;
  services_.reports.on_server_suspect(server_->state,
                                      fmt::format("{} failed connections in a row, last: {}", failures, why));
}

void ConnectionPool::count_response(int status) {
  const int limit = server_->suspect_after_server_errors;
  if (limit == 0) return;
  auto& errors = server_->state->server_errors;
  constexpr int kFirstServerError = 500;
  if (status < kFirstServerError) {
    if (errors.load(std::memory_order_relaxed) != 0) errors.store(0, std::memory_order_relaxed);
    return;
  }
  const std::uint32_t count = errors.fetch_add(1, std::memory_order_relaxed) + 1;
  if (count % static_cast<std::uint32_t>(limit) != 0 || !server_->state->is_up()) return;
  services_.reports.on_server_suspect(server_->state,
                                      fmt::format("{} responses in a row were 5xx, last: {}", count, status));
}

}  // namespace reseal::backends
