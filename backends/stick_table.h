// Which server each client was last served by, where no cookie can say it: keys are hashes of an address or a
// field's value. Shared by all workers and by generations, without a lock: an entry is one 64-bit atomic
// (docs/decisions/0017). Of fixed size; a set of eight entries is one cache line, and where a set is full the
// client that was away longest is forgotten.
//
// Two workers that see a new client in the same instant may each choose a server for it; what is stored last
// stands, and holds for every request from then on.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/clock.h"

namespace reseal::backends {

class StickTable {
 public:
  /// Room for at least `clients`, rounded up to a power of two; each is forgotten when it was away for
  /// `idle`. `seed` makes it unforeseeable which clients share a set.
  StickTable(std::size_t clients, Duration idle, std::uint64_t seed);

  /// A number for the server of that name, the same for ever. Control thread only. At most kMostServers
  /// names; the ones beyond it get 0, which stands for no server.
  std::uint16_t number_of(std::string_view server_name);
  static constexpr std::size_t kMostServers = 65535;

  /// The number of the server that `key` is to be served by; nothing for a client that is not known (any
  /// more). Any thread.
  [[nodiscard]] std::optional<std::uint16_t> find(std::uint64_t key, TimePoint now) const;
  /// `key` was served by that server just now. Any thread.
  void store(std::uint64_t key, std::uint16_t server, TimePoint now);

  /// Whether it was made for so many clients and that time.
  [[nodiscard]] bool is_of(std::size_t clients, Duration idle) const {
    return clients == clients_ && idle == idle_;
  }

 private:
  static constexpr std::size_t kWays = 8;
  struct alignas(64) Set {
    std::array<std::atomic<std::uint64_t>, kWays> entries{};
  };
  [[nodiscard]] std::uint64_t mixed(std::uint64_t key) const;
  [[nodiscard]] std::uint32_t stamp(TimePoint now) const;

  std::size_t clients_;
  Duration idle_;
  std::vector<Set> sets_;
  Duration step_;  // unit of an entry's time
  std::uint64_t seed_;
  std::vector<std::string> names_;  // by number - 1; control thread only
};

}  // namespace reseal::backends
