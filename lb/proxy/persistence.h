// One request of a client that is to stay with its server: which server that is, and how the client is told
// the one it got. A member of the exchange's server side, told each step; does nothing, and costs one comparison,
// where the backend has no persistence. Single thread.
#pragma once

#include <cstdint>
#include <optional>

#include "backends/persistence_policy.h"
#include "lb/base/clock.h"
#include "lb/http/message.h"
#include "lb/proxy/forwarding.h"
#include "lb/proxy/server_cookie.h"

namespace reseal::proxy {

class Persistence {
 public:
  /// A request begins. `policy` (null: none) is borrowed until the response's head. Takes reseal's own cookie
  /// out of the request: it is nothing to the server.
  void begin(const backends::PersistencePolicy* policy, const ClientFacts& client, http::RequestHead& head,
             TimePoint now, const ServerOrders& orders = {}) {
    policy_ = policy;
    server_cookie_.begin(orders);
    preferred_.reset();
    insists_ = false;
    if (policy != nullptr) look_at_request(client, head, now);
  }

  /// The server that the client was with; nothing if it is new, or its cookie was not given out here.
  [[nodiscard]] std::optional<std::uint32_t> preferred() const { return preferred_; }
  /// That one is asked even while it is down.
  [[nodiscard]] bool insists() const { return insists_; }

  /// The request goes to this server (an index in the backend): the first one, or another after a failure.
  void chosen(std::uint32_t server) { server_ = server; }

  /// An interim response (1xx) of that server: a cookie of reseal's name is none of its business.
  void prepare_interim(http::ResponseHead& head) const;

  /// That server answers: remembers it for the client. A cookie is set only if it is not the one that the
  /// client has; shared caches must not keep that response (RFC 9111 3), which would give one client's cookie
  /// to all.
  void answered(http::ResponseHead& head, TimePoint now) {
    if (policy_ != nullptr) look_at_response(head, now);
  }

  /// Two letters of HAProxy's termination state; "--" where it has no such cookie.
  [[nodiscard]] std::string_view log_letters() const;

 private:
  void look_at_request(const ClientFacts& client, http::RequestHead& head, TimePoint now);
  void look_at_response(http::ResponseHead& head, TimePoint now);

  const backends::PersistencePolicy* policy_ = nullptr;
  std::optional<std::uint32_t> preferred_;
  std::optional<std::uint64_t> key_;  // of the client in the table; none if its request has not the field
  std::uint32_t server_ = 0;
  ServerCookie server_cookie_;
  bool is_secure_ = false;  // the client came over TLS
  bool insists_ = false;
};

}  // namespace reseal::proxy
