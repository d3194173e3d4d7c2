// One connection to one server: its stream (TCP, or TLS with the server verified), its HTTP session, and the leases
// that wait for it or use it. How many can use it at a time is the session's to say (HTTP/1: one).
//
//   kConnecting ──on_open──► kOpen (idle while it has no user) ──failure, close──► kClosed
//        └──failure, timeout──► kClosed        └──a tunnel has ended, unsent bytes: the stream goes to EndingStreams
//
// Owner: the worker's ConnectionPool of that server. Single thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "backends/connection_slots.h"
#include "backends/lease.h"
#include "backends/server.h"
#include "lb/base/disposable.h"
#include "lb/http/client_session.h"
#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"

namespace reseal::tls {
class TlsStream;
}

namespace reseal::backends {

struct PoolTag;

class ServerConnection final : public Disposable,
                               public net::StreamEvents,
                               public http::ClientSessionEvents,
                               public net::Flushable,
                               public ListNode<PoolTag> {
 public:
  /// Starts to connect. `pool` is borrowed and outlives the connection (or its close()). `key`: what
  /// the request says of it.
  ServerConnection(net::Loop& loop, ConnectionPool& pool, std::shared_ptr<const Server> server,
                   tls::SessionSlot* sessions, const ConnectionNeeds& needs, const ConnectionKey& key);
  ~ServerConnection() override;

  [[nodiscard]] bool is_open() const { return state_ == State::kOpen; }
  /// Further requests that can begin on it now.
  [[nodiscard]] std::uint32_t free_requests() const;

  /// How long the TLS handshake took; 0 without TLS.
  [[nodiscard]] Microseconds handshake_time() const { return handshake_time_; }

  [[nodiscard]] net::ByteStream& stream() { return *stream_; }
  /// The same as TLS; null for plaintext.
  [[nodiscard]] const tls::TlsStream* tls() const { return tls_; }
  /// What a request has said of it: others that say the same may use it.
  [[nodiscard]] ConnectionKey key() const { return {name_, port_}; }

  // Who uses it or waits for it: counted here and nowhere else.
  void add(Lease& lease);
  void remove(Lease& lease);

  /// For a lease that is ready.
  http::RequestWriter& open_request();

  /// Final and idempotent; the pool buries it.
  void close();

 private:
  friend class ConnectionPool;
  enum class State : std::uint8_t { kConnecting, kOpen, kClosed };

  // From the stream.
  void on_open() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_failure(const Error& error) override;

  // From the session.
  void on_output_pending() override;
  void on_reading_changed() override;
  void on_output_end() override;
  void on_capacity_changed() override;
  void flush() override;

  [[nodiscard]] tls::AlpnOffer offer() const;
  void serve_waiting();
  /// Whoever found no room waits for a connection of its own; for a tunnel, until the server's SETTINGS are here.
  void send_waiting_elsewhere();
  void end_serving();
  void fail_waiting(const Error& error);
  void on_timeout();
  void connect_failed(const Error& error);
  /// Our sending side was ended, and not everything is on its way yet.
  [[nodiscard]] bool ends_with_output() const { return output_ended_ && stream_->unsent() != 0; }
  [[nodiscard]] bool is_idle() const { return state_ == State::kOpen && users_ == 0; }

  net::Loop& loop_;
  ConnectionPool& pool_;
  std::shared_ptr<const Server> server_;  // keeps the peer identity that the TLS stream borrows
  const std::string name_;
  const std::optional<std::uint16_t> port_;
  ConnectionSlots slots_;
  std::unique_ptr<net::ByteStream> stream_;       // null once handed on to end in order
  tls::TlsStream* tls_ = nullptr;                 // stream_ seen as TLS; null for plaintext
  std::unique_ptr<http::ClientSession> session_;  // from kOpen on
  IntrusiveList<Lease, LeaseTag> waiting_;        // while kConnecting; later for the server's SETTINGS
  net::Timer timer_;                              // connect timeout, then idle timeout
  Microseconds handshake_time_{0};
  std::uint32_t joined_ = 0;   // leases that have waited
  std::uint32_t users_ = 0;    // leases that have it or wait for it
  bool is_serving_ = false;    // its waiting leases are being told: whatever they do, it stays where it is
  bool output_ended_ = false;  // a tunnel's client has ended its side
  bool suspect_ = false;       // takes no further request
  const std::uint32_t address_version_;  // where the server was when it was opened
  const bool raw_;                       // its session passes bytes on as they are
  const bool for_upgrade_;               // opened for a request that asks for a tunnel
  const bool exclusive_;                 // closed after its first lease
  State state_ = State::kConnecting;
};

}  // namespace reseal::backends
