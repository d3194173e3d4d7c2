// One request of a client with a cookie that names its server in the clear (backends/server_cookie.h): reading and hiding it
// in the request, setting, rewriting or removing it in the response, byte for byte as HAProxy 2.6 does. A member of
// Persistence. Single thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "backends/server_cookie.h"
#include "lb/http/message.h"
#include "lb/proxy/server_orders.h"

namespace reseal::proxy {

class ServerCookie {
 public:
  using Policy = backends::ServerCookiePersistence;
  using WallSeconds = std::chrono::sys_seconds;

  void begin(const ServerOrders& orders) {
    *this = ServerCookie();
    orders_ = orders;
  }
  void look_at_request(const Policy& policy, http::RequestHead& head, WallSeconds now);
  [[nodiscard]] bool is_forced() const { return orders_.asks_down; }
  /// The server that the cookie names and that may be asked.
  [[nodiscard]] std::optional<std::uint32_t> server() const { return server_; }
  void look_at_response(const Policy& policy, std::uint32_t server, http::ResponseHead& head,
                        WallSeconds now);

  /// Two letters of HAProxy's termination state: what the client had, and what became of it in the response.
  [[nodiscard]] std::string_view log_letters(const Policy& policy) const;

 private:
  // In the order of their letters in HAProxy's log.
  enum class Sent : std::uint8_t { kNone, kInvalid, kDown, kValid, kExpired, kOld, kUnused };
  enum class Answer : std::uint8_t { kNone, kPassive, kDeleted, kInserted, kRewritten, kUpdated };

  /// How much of the value names the server: all of it, up to '~', or what stands before the dates.
  [[nodiscard]] std::string_view name_in(const Policy& policy, std::string_view value, WallSeconds now);
  [[nodiscard]] bool is_outdated(const Policy& policy, WallSeconds now);
  void look_up(const Policy& policy, std::string_view name);
  void look_at_set_cookie(const Policy& policy, std::uint32_t server, http::ResponseHead& head,
                          http::Field& field);
  [[nodiscard]] bool is_to_be_set(const Policy& policy, WallSeconds now) const;
  [[nodiscard]] std::string_view text_of(const Policy& policy, std::uint32_t server, Arena& arena,
                                         WallSeconds now) const;

  ServerOrders orders_;
  std::optional<std::uint32_t> server_;
  Sent sent_ = Sent::kNone;
  Answer answer_ = Answer::kNone;
  bool is_direct_ = false;  // the response is of the server that the cookie names
  bool is_post_ = false;
  bool is_cacheable_method_ = false;
  std::chrono::seconds last_seen_{0}, first_seen_{0};  // since the epoch; 0: the cookie does not say
};

}  // namespace reseal::proxy
