// How a backend's clients stay with the server that served them first: by a cookie that reseal inserts, by
// one that names the server in the clear (server_cookie.h), or by a table of their addresses or of a field's values. What one generation says of it, immutable but for the
// table, which survives reloads; shared by workers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backends/server_cookie.h"
#include "backends/stick_table.h"
#include "tls/keyed_hash.h"

namespace reseal::backends {

enum class CookieSecure : std::uint8_t { kAuto, kAlways, kNever };

/// A cookie whose value stands for a server: a keyed hash of its name, so that it tells nothing, is the same
/// after a reload (and on every load balancer with the same secret), and can lead to nothing but a server of
/// this backend, whoever makes it up.
class CookiePersistence {
 public:
  struct Settings {
    std::string name;
    std::string attributes;  ///< what follows the value: "; Path=/; HttpOnly; SameSite=Lax"
    CookieSecure secure = CookieSecure::kAuto;
  };
  CookiePersistence(Settings settings, const tls::KeyedHash& hash, const std::string& backend,
                    std::span<const std::string> servers);

  [[nodiscard]] const std::string& name() const { return settings_.name; }
  /// The server (index in the backend) that a cookie's value stands for; nothing for a value that was not
  /// given out for one of them.
  [[nodiscard]] std::optional<std::uint32_t> server_of(std::string_view value) const;
  /// Set-Cookie's value for that server; with Secure if the settings say so for a client over TLS
  /// (`is_secure`) or without. Lives as long as this object.
  [[nodiscard]] std::string_view set_cookie(std::uint32_t server, bool is_secure) const;

 private:
  struct Value {
    std::string text;
    std::uint32_t server;
  };
  Settings settings_;
  std::vector<Value> values_;            // sorted by text
  std::vector<std::string> set_cookie_;  // by server, with Secure at the end
};

/// A table of clients, by their address or by a field of their requests.
class StickPersistence {
 public:
  /// `header` is in lower case; empty: by address. `table` may be that of the generation before.
  StickPersistence(std::string header, std::shared_ptr<StickTable> table,
                   std::span<const std::string> servers);

  [[nodiscard]] const std::string& header() const { return header_; }
  [[nodiscard]] StickTable& table() const { return *table_; }
  [[nodiscard]] const std::shared_ptr<StickTable>& shared_table() const { return table_; }
  /// The table's number of a server, and the way back; nothing for a server that is not there any more.
  [[nodiscard]] std::uint16_t number_of(std::uint32_t server) const { return numbers_[server]; }
  [[nodiscard]] std::optional<std::uint32_t> server_of(std::uint16_t number) const;

 private:
  std::string header_;
  std::shared_ptr<StickTable> table_;
  std::vector<std::uint16_t> numbers_;  // by server
};

using PersistencePolicy = std::variant<CookiePersistence, StickPersistence, ServerCookiePersistence>;

}  // namespace reseal::backends
