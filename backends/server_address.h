// Where a server is. Where a name is resolved anew while reseal serves, that changes: the control thread writes, workers ask
// for each connection that they open, and look at the version for each request. Shared memory: part of ServerState.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "lb/net/address.h"

namespace reseal::backends {

class ServerAddress {
 public:
  /// `socket`: of the unix socket in its place; empty: none.
  explicit ServerAddress(const net::Address& address, std::string socket = {})
      : first_(address), first_text_(address.text()), socket_(std::move(socket)) {}

  /// Another with each move; 0: it is where it was at first.
  [[nodiscard]] std::uint32_t version() const { return version_.load(std::memory_order_acquire); }
  [[nodiscard]] net::Address get() const {
    if (version() == 0) return first_;
    const std::lock_guard lock(mutex_);
    return now_;
  }
  /// "10.0.0.11:8443", where it was at first.
  [[nodiscard]] const std::string& first_text() const { return first_text_; }
  /// As net::TcpStream::connect_unix() takes it; empty: it has an address.
  [[nodiscard]] const std::string& socket() const { return socket_; }
  void move_to(const net::Address& address) {
    const std::lock_guard lock(mutex_);
    now_ = address;
    version_.fetch_add(1, std::memory_order_release);
  }

 private:
  const net::Address first_;
  const std::string first_text_;
  const std::string socket_;
  mutable std::mutex mutex_;
  net::Address now_;
  std::atomic<std::uint32_t> version_{0};
};

}  // namespace reseal::backends
