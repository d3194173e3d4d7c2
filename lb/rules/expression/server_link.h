// The connection to the server, as expressions see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lb/net/address.h"

namespace reseal::rules::expression {

/// Views of what belongs to the connection.
struct ServerLinkFacts {
  struct Tls {
    std::string_view version;  ///< "TLSv1.3"
    std::string_view cipher;
    std::string_view alpn;  ///< empty: none was agreed on
    std::int64_t key_bits = 0;
    bool is_resumed = false;
  };

  const net::Address* local = nullptr;
  const net::Address* peer = nullptr;
  int http_major = 0;      ///< 0: its bytes are passed on as they are
  std::optional<Tls> tls;  ///< nothing: plaintext
};

/// Asked only by those expressions that mention it: requests of which none does pay nothing. Single thread.
class ServerLink {
 public:
  /// Nothing: there is no connection, not yet or not any more.
  [[nodiscard]] virtual std::optional<ServerLinkFacts> facts() const = 0;

 protected:
  ~ServerLink() = default;
};

}  // namespace reseal::rules::expression
