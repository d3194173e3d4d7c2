// What all threads know of one server: its health and its counters. One of the few kinds of shared mutable memory
// (docs/decisions/0009). Found again after a reload by its identity (backend, name, address), so health and counters
// survive.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "backends/backend_state.h"
#include "backends/limit.h"
#include "backends/server_address.h"
#include "lb/base/clock.h"
#include "lb/stats/counters.h"

namespace reseal::backends {

enum class Health : std::uint8_t { kUp, kDown };

/// Nothing says another weight than the configuration does.
constexpr std::uint32_t kConfiguredWeight = 0xffffffff;

/// Written by the health monitor (control thread), read by workers.
struct ServerState {
  ServerState(std::string backend_name, std::string server_name, net::Address server_address, int workers,
              std::shared_ptr<BackendState> state_of_backend = std::make_shared<BackendState>(),
              std::string socket = {})
      : backend(std::move(backend_name)),
        name(std::move(server_name)),
        address(server_address, std::move(socket)),
        backend_state(std::move(state_of_backend)),
        counters(workers) {}

  const std::string backend;
  const std::string name;
  ServerAddress address;
  const std::shared_ptr<BackendState> backend_state;  ///< never null
  std::uint64_t first_generation = 0;  ///< of the backend, in which it came; set before it is shared
  std::atomic<Health> health{Health::kUp};
  /// Out of service by configuration: no request, no check. Written by the control thread.
  std::atomic<bool> maintenance{false};
  /// The same because its name has no address for it. Written by the control thread.
  std::atomic<bool> unresolved{false};
  /// In place of the configured one, by what an agent or a name server says. Written by the control thread.
  std::atomic<std::uint32_t> weight{kConfiguredWeight};
  /// Up, but no new clients are to come. Written by the health monitor.
  std::atomic<bool> draining{false};
  /// Failures seen by traffic, in a row; any worker adds, a success stores 0 (passive health).
  std::atomic<std::uint32_t> connect_failures{0};
  std::atomic<std::uint32_t> server_errors{0};
  /// Up, but left out for a while because its answers fail (health/ejection). Written by the health monitor.
  std::atomic<bool> ejected{false};
  /// Attempts in a row that reached it and failed (backends/outlier); any worker adds, a success stores 0.
  std::atomic<std::uint32_t> response_failures{0};
  /// When it came up, or back from an ejection; the clock's zero: it was up from the beginning. Written by the monitor.
  std::atomic<TimePoint> up_since{TimePoint{}};
  Limit requests;     ///< in flight; counted only while the limit is set
  Limit connections;  ///< open or being opened; always counted
  stats::CounterSet counters;

  [[nodiscard]] bool is_up() const {
    return health.load(std::memory_order_relaxed) == Health::kUp && !is_in_maintenance();
  }
  [[nodiscard]] bool is_in_maintenance() const { return maintenance.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t weight_or(std::uint32_t configured) const {
    const std::uint32_t said = weight.load(std::memory_order_relaxed);
    return said == kConfiguredWeight ? configured : said;
  }
  [[nodiscard]] bool is_draining() const { return draining.load(std::memory_order_relaxed); }
  [[nodiscard]] bool is_ejected() const { return ejected.load(std::memory_order_relaxed); }
  /// "web/web1 (10.0.0.11:8443)", for logs.
  [[nodiscard]] std::string text() const { return backend + "/" + name + " (" + address.get().text() + ")"; }
};

}  // namespace reseal::backends
