// What an evaluation can see beside the message: the connection and what is configured of the proxies. Plain values;
// whoever has one says how long it lives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lb/base/clock.h"
#include "lb/net/address.h"

namespace reseal::rules::expression {

/// Of the client's connection as the kernel has it.
struct SocketFacts {
  int descriptor = -1;
  const net::Address* peer = nullptr;  ///< the other end, be it a proxy's
  const net::Address* local = nullptr;
  bool had_proxy_header = false;  ///< with somebody in it or not
  std::uint16_t bind = 0;         ///< the number of the bind that it came in at
  std::string_view bind_name;
  int worker = 0;
  bool is_draining = false;  ///< the process comes to its end
  bool is_used = false;      ///< a request came before this one
};

/// Of a frontend, as it is configured.
struct FrontendFacts {
  int number = 0;
  std::string default_backend;  ///< empty: none
  Duration client_timeout{0};
};

/// Of a backend, likewise.
struct BackendFacts {
  int number = 0;
  Duration server_timeout{0};
  Duration tunnel_timeout{0};
};

}  // namespace reseal::rules::expression
