// cookie: of a backend as HAProxy has it: a server is known by the value that the configuration gives it. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace reseal::config {

enum class ServerCookieMode : std::uint8_t {
  kPassive,  ///< the servers set it themselves
  kInsert,   ///< set by reseal
  kRewrite,  ///< the servers set it, and reseal puts in which one did
  kPrefix    ///< the servers set it, and reseal puts which one did before what they say
};

struct ServerCookie {
  std::string name;
  ServerCookieMode mode = ServerCookieMode::kPassive;
  bool indirect = false;  ///< servers do not see what is reseal's, clients not what is the server's
  bool nocache = false;   ///< a response that sets it is kept from shared caches
  bool postonly = false;  ///< set in answers to POST only
  bool preserve = false;  ///< what a server sets itself stands
  /// Servers without a value of their own get one that is made of this and of their address.
  std::string dynamic_key;
  std::string attributes;            ///< of Set-Cookie, behind the path: "; domain=example.org; Secure"
  std::chrono::seconds max_idle{0};  ///< without a request for so long the server is chosen anew; 0: never
  std::chrono::seconds max_life{0};  ///< the same, however much it is used
  bool operator==(const ServerCookie&) const = default;
};

}  // namespace reseal::config
