// Which halves of a tunnel (WebSocket and other upgrades, CONNECT, mode: tcp) have ended, for how long it may be silent,
// and whether bulk may pass by the exchange, which moves everything else. A member of it. Single thread.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "backends/backend.h"
#include "lb/net/byte_stream.h"
#include "lb/net/splice.h"

namespace reseal::proxy {

class Tunnel {
 public:
  void open(const backends::TunnelTimeouts& timeouts) {
    timeouts_ = timeouts;
    delivered_ = 0;
    client_ended_ = server_ended_ = false;
  }
  /// From now on bulk is spliced, if both connections are plain and carry nothing but the tunnel's bytes. Borrowed until
  /// close().
  void splice(net::ByteStream& client, net::ByteStream& server, net::SpliceEvents& events) {
    if (client.plain() == nullptr || server.plain() == nullptr) return;
    request_.emplace(*client.plain(), *server.plain(), events);
    response_.emplace(*server.plain(), *client.plain(), events);
  }
  /// The connections go their own ways. Idempotent.
  void close() {
    request_.reset();
    response_.reset();
  }
  /// Of the two: the one from the server.
  [[nodiscard]] bool is_response(const net::Splice& splice) const { return &splice == &*response_; }

  /// Nothing has passed for idle_timeout(): whether what went before is still on its way to a peer that takes it. A kernel
  /// holds megabytes, which take a slow reader longer than that. Never twice for bytes of which none has arrived since.
  [[nodiscard]] bool is_draining(const net::ByteStream& client, const net::ByteStream& server) {
    if (client.undelivered() == 0 && server.undelivered() == 0) return false;
    const std::uint64_t delivered = client.delivered() + server.delivered();
    return std::exchange(delivered_, delivered) != delivered;
  }

  void end_client() { client_ended_ = true; }
  void end_server() { server_ended_ = true; }

  [[nodiscard]] bool has_client_ended() const { return client_ended_; }
  [[nodiscard]] bool has_server_ended() const { return server_ended_; }
  /// A half whose peer has gone without a word would never end: it gets less time than a whole tunnel.
  [[nodiscard]] Duration idle_timeout() const {
    const bool half = client_ended_ || server_ended_;
    return half ? std::min(timeouts_.open, timeouts_.half_closed) : timeouts_.open;
  }

 private:
  backends::TunnelTimeouts timeouts_;
  std::optional<net::Splice> request_;
  std::optional<net::Splice> response_;
  std::uint64_t delivered_ = 0;  // to both, when it was last looked at
  bool client_ended_ = false;
  bool server_ended_ = false;
};

}  // namespace reseal::proxy
