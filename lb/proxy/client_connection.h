// One client's connection: its stream (TCP or TLS), its HTTP session, and the clock over what no request has a clock
// for.
//
//   kPrelude ──complete──► kHandshaking ──on_open──► kServing ──session done──► kLingering ──peer's end / timeout──► kClosed
//   (without a prelude it begins in kHandshaking, plaintext in kServing)        any ──failure / close()──► kClosed
//
// Owner: itself through the worker's list; it buries itself on close(). Single thread.
#pragma once

#include <memory>
#include <string>

#include "lb/base/disposable.h"
#include "lb/http/server_session.h"
#include "lb/net/byte_stream.h"
#include "lb/net/listener.h"
#include "lb/net/tcp_stream.h"
#include "lb/proxy/connection_rules.h"
#include "lb/proxy/exchange.h"
#include "lb/proxy/prelude.h"
#include "lb/proxy/worker_context.h"

namespace reseal::tls {
class TlsStream;
}

namespace reseal::proxy {

class ClientConnection final : public Disposable,
                               public net::StreamEvents,
                               public http::ServerSessionEvents,
                               public ExchangeOwner,
                               public net::Flushable,
                               public ListNode<ConnectionTag> {
 public:
  /// Takes over an accepted socket and lives until its connection ends. `context` is borrowed and outlives
  /// it.
  static void begin(WorkerContext& context, std::shared_ptr<const FrontendSlot> slot,
                    std::shared_ptr<const BindSettings> bind, net::Fd fd, const net::Address& peer);
  ~ClientConnection() override;

  /// The process is stopping: no further request is begun; an idle connection ends now.
  void drain();
  /// Its frontend is not part of the current generation any more, or speaks something else there.
  [[nodiscard]] bool is_orphaned() const {
    return slot_->current == nullptr || slot_->current->is_tcp != frontend_->is_tcp;
  }
  /// Ends the connection and whatever is in flight on it. Idempotent.
  void close(Code cause = Code::kClientGone);

 private:
  enum class State : std::uint8_t { kPrelude, kHandshaking, kServing, kLingering, kClosed };
  /// What the connection's timer is waiting for.
  enum class Phase : std::uint8_t { kNone, kHandshake, kHead, kIdle, kLeftovers, kWrite, kLinger };

  ClientConnection(WorkerContext& context, std::shared_ptr<const FrontendSlot> slot,
                   std::shared_ptr<const BindSettings> bind, net::Fd fd, const net::Address& peer);

  // From the stream.
  void on_open() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_peer_ended_early() override;
  void on_drained() override;
  void on_failure(const Error& error) override;

  // From the session.
  http::RequestEvents& begin_request() override;
  void on_request(http::RequestEvents& request, http::ResponseWriter& writer) override;
  void on_bad_request(http::RequestEvents& request, const Error& error,
                      http::ResponseWriter& writer) override;
  void on_response_complete() override;
  void on_output_end() override;
  void on_output_pending() override;
  void on_session_done() override;
  void on_session_aborted() override;

  // End of the turn.
  void flush() override;

  // From the exchanges.
  void on_exchange_flow() override;
  net::ByteStream& stream() override { return *stream_; }
  void on_exchange_done() override;

  [[nodiscard]] Prelude::Opening wanted_opening() const;
  void finish_prelude();
  void begin_stream(std::unique_ptr<net::TcpStream> tcp, std::string first);
  void read_prelude(std::string_view bytes);
  void begin_session();
  void use_current_frontend();
  /// What rules see of the connection, if any are asked.
  void begin_rules(const net::ByteStream& stream, int descriptor);
  void see_handshake();
  /// Whether `list` lets the connection go on; it is closed otherwise.
  [[nodiscard]] bool is_admitted(const rules::actions::RuleList& list);
  void update();
  [[nodiscard]] Phase wanted_phase() const;
  [[nodiscard]] Duration time_for(Phase phase) const;
  void enter_phase(Phase phase);
  void on_timeout();
  void look_at_progress();
  void linger();
  [[nodiscard]] stats::TrafficCounters& counters() const;
  [[nodiscard]] ClientFacts facts();
  void handshake_failed(Code cause);
  void log_failed_handshake(Code cause);
  void log_unheard();
  [[nodiscard]] stats::AccessRecord bare_record(const ClientFacts& client) const;

  WorkerContext& context_;
  std::shared_ptr<const FrontendSlot> slot_;
  std::shared_ptr<const Frontend> frontend_;  // as it was when the current request (or the connection) began
  std::shared_ptr<const BindSettings> bind_;  // as it was when the connection began
  tls::TlsStream* tls_ = nullptr;             // stream_ seen as TLS; null for plaintext
  std::unique_ptr<net::ByteStream> stream_;
  std::unique_ptr<Prelude> prelude_;  // of a connection that has one
  std::unique_ptr<http::ServerSession> session_;
  std::unique_ptr<ConnectionRules> rules_;  // null where none are asked
  net::Timer timer_;
  TimePoint idle_since_{};       // accepted, or done with the last request
  Microseconds handshake_{0};    // of the first request
  TimePoint head_began_{};       // when bytes came that may be the first of a request's head
  std::string client_address_;   // text of the peer's address, made for the first request
  std::uint64_t delivered_ = 0;  // of the stream, when it was last looked at during kWrite
  std::size_t ignored_ = 0;      // bytes that came while lingering
  // Together: every idle connection has one of these.
  std::uint32_t exchanges_ = 0;  // requests under way
  int stalled_looks_ = 0;        // looks in a row without progress
  State state_ = State::kServing;
  Phase phase_ = Phase::kNone;
  bool served_a_request_ = false;
  bool knows_a_request_ = false;  // one that was understood or refused: the log has it
  bool peer_ended_ = false;       // the client's end was seen
};

}  // namespace reseal::proxy
