// What all threads know of one server: its health and its counters. One of the few kinds of shared mutable memory
// (docs/decisions/0009). Found again after a reload by its identity (backend, name, address), so health and counters
// survive.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "lb/net/address.h"
#include "lb/stats/counters.h"

namespace reseal::backends {

enum class Health : std::uint8_t { kUp, kDown };

/// Written by the health monitor (control thread), read by workers.
struct ServerState {
  ServerState(std::string backend_name, std::string server_name, net::Address server_address, int workers)
      : backend(std::move(backend_name)),
        name(std::move(server_name)),
        address(server_address),
        address_text(address.text()),
        counters(workers) {}

  const std::string backend;
  const std::string name;
  const net::Address address;
  const std::string address_text;  ///< for a log line a request
  std::atomic<Health> health{Health::kUp};
  /// Failures seen by traffic, in a row; any worker adds, a success stores 0 (passive health).
  std::atomic<std::uint32_t> connect_failures{0};
  std::atomic<std::uint32_t> server_errors{0};
  stats::CounterSet counters;

  [[nodiscard]] bool is_up() const { return health.load(std::memory_order_relaxed) == Health::kUp; }
  /// "web/web1 (10.0.0.11:8443)", for logs.
  [[nodiscard]] std::string text() const { return backend + "/" + name + " (" + address.text() + ")"; }
};

}  // namespace reseal::backends
