// One connection to one server: its stream (TCP, or TLS with the server verified), its HTTP session, and who
// uses it.
//
//   kConnecting ──on_open──► kBusy ──released──► kIdle ──leased──► kBusy
//   any ──failure, close──► kClosed
//
// Owner: the worker's ConnectionPool of that server. Single thread. A lease lends it to one exchange at a
// time.
#pragma once

#include <memory>

#include "backends/server.h"
#include "lb/base/disposable.h"
#include "lb/base/intrusive_list.h"
#include "lb/http/h1_client.h"
#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"

namespace reseal::tls {
class TlsStream;
}

namespace reseal::backends {

class ConnectionPool;
struct PoolTag;

/// Implemented by whoever asked for a connection.
class LeaseEvents {
 public:
  /// The connection asked for is open and verified.
  virtual void on_lease_ready() = 0;
  /// It could not be opened; the lease is void. Nothing was sent.
  virtual void on_lease_failed(const Error& error) = 0;

 protected:
  ~LeaseEvents() = default;
};

class ServerConnection final : public Disposable, public net::StreamEvents, public ListNode<PoolTag> {
 public:
  enum class State : std::uint8_t { kConnecting, kBusy, kIdle, kClosed };

  /// Starts to connect. `pool` is borrowed and outlives the connection (or its close()).
  ServerConnection(net::Loop& loop, ConnectionPool& pool, std::shared_ptr<const Server> server,
                   tls::SessionSlot* sessions);
  ~ServerConnection() override;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] http::H1Client& session() { return *session_; }
  /// Reading pauses while the session cannot use more, e.g. after session().pause_response().
  void update_reading();

  /// Final and idempotent; the pool buries it.
  void close();

 private:
  friend class ConnectionPool;
  void on_open() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_failure(const Error& error) override;
  void on_timeout();
  void connect_failed(const Error& error);

  net::Loop& loop_;
  ConnectionPool& pool_;
  std::shared_ptr<const Server> server_;  // keeps the peer identity that the TLS stream borrows
  std::unique_ptr<net::ByteStream> stream_;
  tls::TlsStream* tls_ = nullptr;  // stream_ seen as TLS; null for plaintext
  std::unique_ptr<http::H1Client> session_;
  LeaseEvents* user_ = nullptr;  // who waits for kConnecting to end
  net::Timer timer_;             // connect timeout, then idle timeout
  State state_ = State::kConnecting;
};

}  // namespace reseal::backends
