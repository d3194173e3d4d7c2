// Where a server is. Where a name is resolved anew while reseal serves, that changes: the control thread writes, workers ask
// for each connection that they open. Shared memory: part of ServerState.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "lb/base/arena.h"
#include "lb/net/address.h"

namespace reseal::backends {

class ServerAddress {
 public:
  explicit ServerAddress(const net::Address& address)
      : first_(address), first_text_(address.text()), now_(address) {}

  /// Another with each move; 0: it is where it was at first.
  [[nodiscard]] std::uint32_t version() const { return version_.load(std::memory_order_acquire); }
  [[nodiscard]] net::Address get() const {
    if (version() == 0) return first_;
    const std::lock_guard lock(mutex_);
    return now_;
  }
  /// "10.0.0.11:8443". Costs nothing while it has not moved; then it is copied into `arena`.
  [[nodiscard]] std::string_view text(Arena& arena) const {
    return version() == 0 ? std::string_view(first_text_) : arena.copy(get().text());
  }
  void move_to(const net::Address& address) {
    const std::lock_guard lock(mutex_);
    now_ = address;
    version_.fetch_add(1, std::memory_order_release);
  }

 private:
  const net::Address first_;
  const std::string first_text_;
  mutable std::mutex mutex_;
  net::Address now_;
  std::atomic<std::uint32_t> version_{0};
};

}  // namespace reseal::backends
