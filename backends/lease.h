// One exchange's claim on a server: on a connection of its own (HTTP/1), or on one stream of a shared one (HTTP/2).
//
//   (empty) ──acquire──► waiting ──on_lease_ready──► ready ──open──► open ──release / abandon──► (empty)
//                           └──on_lease_failed, on_lease_refused, on_lease_crowded_out──► (empty)
//
// Owner: the exchange; the pool links it while it waits, so it does not move. Destroying it releases it. Single
// thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lb/base/clock.h"
#include "lb/base/error.h"
#include "lb/base/intrusive_list.h"
#include "lb/http/exchange_ends.h"
#include "lb/net/byte_stream.h"
#include "lb/net/proxy_additions.h"

namespace reseal::tls {
class TlsStream;
}

namespace reseal::backends {

class ConnectionPool;
class ServerConnection;
struct LeaseTag;

/// Implemented by whoever asked for a connection.
class LeaseEvents {
 public:
  /// The connection asked for is open and verified: open() the lease, or give it back, before returning.
  virtual void on_lease_ready() = 0;
  /// It could not be opened; the lease is empty. Nothing was sent.
  virtual void on_lease_failed(const Error& error) = 0;
  /// It was open, or became so, and will not take this request; the lease is empty. Nothing was sent.
  virtual void on_lease_refused(const Error& error) = 0;
  /// The connection has no room for it, and the server's limit none for another; the lease is empty.
  virtual void on_lease_crowded_out() = 0;

 protected:
  ~LeaseEvents() = default;
};

/// What only requests say of a connection, where the server leaves it to them.
struct ConnectionKey {
  std::string_view name;              ///< by which the server is asked; empty: the server's own
  std::optional<std::uint16_t> port;  ///< where it is connected to; none: the server's own
  bool operator==(const ConnectionKey&) const = default;
};

/// A PROXY header as bytes.
struct Preface {
  net::ProxyForm form;
  std::string_view bytes;
};

/// What a request says of the name that servers are asked by.
struct SaidName {
  std::string_view expression;
  std::string_view name;  ///< empty: it says none
};

/// What a lease asks of its connection.
struct ConnectionNeeds {
  bool fresh = false;    ///< one that is opened from now on
  bool upgrade = false;  ///< the request asks for a tunnel
  bool raw = false;      ///< one that carries bytes as they are, and this lease alone
  /// For servers to which a PROXY header is sent before everything else; the connection is this lease's alone there. Looked
  /// up by its form: a pool may be a later configuration's than the request.
  std::span<const Preface> prefaces;
  /// Looked up by the expression, for the same reason.
  std::span<const SaidName> names;
  std::uint16_t client_port = 0;  ///< that the client connected to

  /// What the request says of it; null: it was not asked.
  [[nodiscard]] const SaidName* said_name(std::string_view expression) const {
    const auto found = std::ranges::find(names, expression, &SaidName::expression);
    return found != names.end() ? &*found : nullptr;
  }
  /// Empty: the server's own.
  [[nodiscard]] std::string_view name(std::string_view expression) const {
    const SaidName* said = expression.empty() ? nullptr : said_name(expression);
    return said != nullptr ? said->name : std::string_view();
  }
  /// Empty: there is none of that form.
  [[nodiscard]] std::string_view preface(const net::ProxyForm& form) const {
    const auto found = std::ranges::find(prefaces, form, &Preface::form);
    return found != prefaces.end() ? found->bytes : std::string_view();
  }
};

class Lease final : public ListNode<LeaseTag> {
 public:
  Lease() = default;
  ~Lease() { release(); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] bool is_held() const { return connection_ != nullptr; }
  /// The connection is open now; otherwise LeaseEvents tells.
  [[nodiscard]] bool is_ready() const;
  /// Once ready: how long the connection's TLS handshake took; 0 without TLS.
  [[nodiscard]] Microseconds handshake_time() const;
  /// The connection had been without a user: the server may have ended it at the same moment (RFC 9112 9.3.1).
  [[nodiscard]] bool was_idle() const { return was_idle_; }
  /// Once ready: begins to use it.
  http::RequestWriter& open();
  /// Where the request goes; only after open().
  [[nodiscard]] http::RequestWriter& writer() const { return *writer_; }
  /// The pool it came from: the server's settings and counters. Only while held.
  [[nodiscard]] ConnectionPool& pool() const { return *pool_; }
  /// The connection's; only after open().
  [[nodiscard]] net::ByteStream& stream() const;
  /// The same as TLS; null for plaintext.
  [[nodiscard]] const tls::TlsStream* tls() const;
  /// Gives it back; a request that is not complete is cancelled. Idempotent.
  void release();
  /// The same after a failure that makes the whole connection suspect: no further request goes over it.
  void abandon();

 private:
  friend class ConnectionPool;
  friend class ServerConnection;
  void give_back(bool connection_is_suspect);

  ConnectionPool* pool_ = nullptr;
  ServerConnection* connection_ = nullptr;
  http::RequestWriter* writer_ = nullptr;
  LeaseEvents* user_ = nullptr;  // told while waiting
  bool was_idle_ = false;
  bool needs_upgrade_ = false;
};

}  // namespace reseal::backends
