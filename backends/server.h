// One server as one generation knows it: how to reach it and whom to expect there. Immutable; shared by the
// generation and by every worker's pool of connections to it; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backends/server_state.h"
#include "lb/base/clock.h"
#include "lb/base/error.h"
#include "lb/net/proxy_protocol.h"
#include "tls/client_context.h"

namespace reseal::backends {

/// What is spoken to a server; with kNegotiated, what its TLS handshake agrees on (ALPN).
enum class ServerProtocol : std::uint8_t { kHttp1, kH2, kNegotiated };

constexpr tls::AlpnOffer alpn_offer(ServerProtocol protocol) {
  switch (protocol) {
    case ServerProtocol::kH2:
      return tls::AlpnOffer::kH2;
    case ServerProtocol::kNegotiated:
      return tls::AlpnOffer::kH2OrHttp1;
    case ServerProtocol::kHttp1:
      break;
  }
  return tls::AlpnOffer::kHttp1;
}

/// What a TLS handshake fails with.
constexpr bool is_of_handshake(Code code) {
  switch (code) {
    case Code::kServerCertificateUntrusted:
    case Code::kServerCertificateExpired:
    case Code::kServerCertificateNameMismatch:
    case Code::kServerCertificateInvalid:
    case Code::kServerRequiresCertificate:
    case Code::kServerPlaintext:
    case Code::kServerTlsFailed:
      return true;
    default:
      return false;
  }
}

struct Server {
  std::shared_ptr<ServerState> state;                   ///< never null
  std::shared_ptr<const tls::ClientContext> tls;        ///< null: plaintext
  std::shared_ptr<stats::CounterSet> backend_counters;  ///< its backend's; never null
  tls::PeerIdentity peer;                               ///< with tls
  /// With tls: the expression (Backend::names) that tells for each request by what name the server is asked; empty: by that of
  /// `peer`.
  std::string name_of_request;
  bool verifies_name_of_request = false;  ///< it stands in its certificate, too
  ServerProtocol protocol = ServerProtocol::kHttp1;
  bool sends_probes = false;  ///< SO_KEEPALIVE
  bool passthrough = false;   ///< without tls: what goes there is the clients' own TLS
  std::uint32_t id = 1;       ///< its place, or what is configured
  std::uint32_t weight = 100;
  bool backup = false;
  Duration slow_start{0};
  bool may_be_limited = false;    ///< its agent may say how many requests it takes
  bool may_end_sessions = false;  ///< what becomes of it, or of others, may end the sessions at it
  std::string resolved_host;      ///< the name that is resolved while it serves; empty: none is
  std::uint64_t identity = 0;     ///< hash of the name: stable when servers are reordered

  Duration connect_timeout{5000};  ///< TCP and TLS together
  Duration idle_timeout{60000};    ///< to take something of what a tunnel has left behind
  Duration pool_idle{4000};
  std::optional<net::ProxyForm> send_proxy;  ///< a PROXY header begins each connection, which is one client's
  std::optional<int> port_offset;            ///< its port is the one that the client connected to and this
  net::Address source;                       ///< what connections come from; empty: the system chooses
  std::size_t pool_size = 1024;              ///< idle connections kept per worker
  std::uint32_t max_requests = 0;            ///< in flight, all workers; 0: no limit
  std::uint32_t min_requests = 0;          ///< the same while the backend has few (load_limit.h); 0: the same
  std::string redirect_prefix;             ///< GET and HEAD are sent there instead; empty: they are not
  std::uint32_t max_connections = 0;       ///< open, all workers; 0: no limit
  int suspect_after_connect_failures = 0;  ///< passive health; 0: off
  int suspect_after_server_errors = 0;

  /// Connections opened for `other` may serve this one: the same machine, the same certificates, the same
  /// name.
  [[nodiscard]] bool same_connections(const Server& other) const {
    return state == other.state && tls == other.tls && protocol == other.protocol &&
           send_proxy == other.send_proxy && source == other.source && peer.same_identity(other.peer) &&
           name_of_request == other.name_of_request && port_offset == other.port_offset &&
           verifies_name_of_request == other.verifies_name_of_request;
  }
  /// The same server asked by that name; by an address as by none (RFC 6066 3), which its certificate has to be for all the same.
  [[nodiscard]] std::shared_ptr<const Server> by_name(std::string_view name) const {
    auto named = std::make_shared<Server>(*this);
    named->peer.sni = net::Address::parse(name, 0) ? std::string_view() : name;
    if (verifies_name_of_request) named->peer.verify_host = name;
    return named;
  }
};

}  // namespace reseal::backends
