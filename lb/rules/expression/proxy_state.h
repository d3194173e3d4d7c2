// The figures of proxies and servers as they are at this moment: what nbsrv, be_conn, srv_is_up and their kin show. Fetches
// find them when they are compiled and read them afterwards in any thread, without a lock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace reseal::rules::expression {

enum class Figure : std::uint8_t {
  kUsableServers,  ///< of a backend: nbsrv
  kConnections,    ///< in flight, or of clients
  kFree,           ///< how many more there may be; -1: there is no limit
  kSlots,          ///< those, and places in queues
  kSessionRate,    ///< of the last second
  kRequestRate,
  kQueue,  ///< waiting
  kAverageQueue,
  kIsUp,
  kWeight,         ///< as it is now
  kInitialWeight,  ///< as configured
};

class ProxyState {
 public:
  virtual ~ProxyState() = default;
  /// Nothing: there is no such figure of this one.
  [[nodiscard]] virtual std::optional<std::int64_t> figure(Figure figure) const = 0;
};

/// Knows those of the configuration. Immutable once rules are asked; shared with those that look names up then.
class ProxyFinder {
 public:
  virtual ~ProxyFinder() = default;
  // Null: there is none of that name. An empty one means the section that is compiled.
  [[nodiscard]] virtual std::shared_ptr<const ProxyState> backend(std::string_view name) const = 0;
  [[nodiscard]] virtual std::shared_ptr<const ProxyState> frontend(std::string_view name) const = 0;
  /// "backend/server", or the name of a server of the section that is compiled.
  [[nodiscard]] virtual std::shared_ptr<const ProxyState> server(std::string_view name) const = 0;
  /// "backend/server", or the name of a server of that backend. Any thread; allocates nothing.
  [[nodiscard]] virtual std::shared_ptr<const ProxyState> server_of(std::string_view backend,
                                                                    std::string_view name) const = 0;
};

}  // namespace reseal::rules::expression
