// What rules say of the server of one request. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "backends/priority.h"

namespace reseal::proxy {

struct ServerOrders {
  std::optional<std::uint32_t>
      assigned{};          ///< it goes to this one (an index in the backend), whatever else says otherwise
  bool ignored = false;    ///< the cookie of persistence is not looked at, nor that of the response
  bool asks_down = false;  ///< the cookie's server is asked even while it is down
  std::optional<std::string_view>
      hashed{};                   ///< with BalanceMethod::kHashExpression: its value; nothing: there is none
  backends::Priority priority{};  ///< while it waits for a server
};

}  // namespace reseal::proxy
