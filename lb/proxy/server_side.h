// One request's way to a server, as often as it takes: which server, the queue before it, the connection to it, what
// was sent, and whether another attempt follows when one fails. What the response says is the exchange's business.
//
//   kNone ──go──► (kQueued ►) kConnecting ──lease ready──► kRequesting ──take_response──► kAnswered
//                     ▲  │                      │              │
//                     └──┴── failed, may_retry ─┴──────────────┘          any ──end──► kNone
//
// A member of the exchange, which is told through ServerSideEvents and calls end() at its own end. Every call may lead
// to an event before it returns, and every event may end the exchange. Single thread.
#pragma once

#include <span>
#include <vector>

#include "backends/backend.h"
#include "lb/http/exchange_ends.h"
#include "lb/net/loop.h"
#include "lb/proxy/frontend.h"
#include "lb/proxy/persistence.h"
#include "lb/proxy/replay.h"
#include "lb/proxy/request_times.h"
#include "lb/proxy/retry_policy.h"
#include "lb/proxy/server_side_events.h"
#include "lb/proxy/sticking.h"
#include "lb/proxy/worker_context.h"
#include "lb/rules/expression/server_link.h"

namespace reseal::proxy {

class ServerSide final : private backends::LeaseEvents,
                         private backends::AdmissionEvents,
                         public rules::expression::ServerLink,
                         public ListNode<WithdrawalTag> {
 public:
  enum class Phase : std::uint8_t { kNone, kQueued, kConnecting, kRequesting, kAnswered };

  /// All borrowed for as long as it lives; `times` are told what happens when.
  ServerSide(WorkerContext& context, http::RequestHead& request, RequestTimes& times,
             ServerSideEvents& events);

  /// A request begins, of which nothing is known yet.
  void begin();
  /// It goes to `backend`. Its head is as the client sent it: by that a server is chosen.
  void choose_by(backends::LocalBackend& backend, const Frontend& frontend, const ClientFacts& client);
  /// After that: what rules say of the server. The assigned one is asked first, up or down.
  void order(const ServerOrders& orders) { orders_ = orders; }
  /// The backend's `stick` rules are asked; `context` (null: there are none) is borrowed until end().
  void stick(const rules::expression::SampleContext* context) {
    sticking_.begin(settings().stick_rules.get(), context, request_.arena);
  }
  /// By what names servers are asked, where that is the request's to say. `context` (null: nothing is known) sees its head as rules
  /// have left it.
  void name_servers(const rules::expression::SampleContext* context);
  /// What connections to servers begin with where that is the client's to say: PROXY headers, and its port.
  void introduce(const ClientFacts& client);
  /// The head is as the server gets it, but for the cookie of persistence, which is taken out here: on its way.
  void go(const ClientFacts& client, Duration response_timeout);
  /// Over, for whatever reason. Idempotent.
  void end();

  // The request's body.
  /// What has come of it before a server was chosen; `is_complete`: that is all. Before go().
  void begin_body(std::string_view data, bool is_complete) {
    replay_.keep_unsent(data);
    request_complete_ = is_complete;
  }
  /// False: the server takes no more for now; on_request_drained tells when it does.
  [[nodiscard]] bool send_body(std::string_view data);
  /// The request is complete: told to the server, and the response is waited for.
  void end_request(std::span<const http::Field> trailers);
  [[nodiscard]] bool is_request_complete() const { return request_complete_; }
  /// Others wait for the place that it has.
  [[nodiscard]] bool is_waited_for() const { return backend_->is_limited() && !backend_->queue().is_empty(); }

  // The response.
  /// Its head is there. False: it is not passed on, since another server is asked.
  [[nodiscard]] bool take_response(const http::ResponseHead& head);
  /// It sticks to the server, if rules say so that see the response in `context`.
  void note_answer(const rules::expression::SampleContext* context) {
    sticking_.answered(admission_.server(), context, request_.arena);
  }
  /// It has failed, by what the server did: counted, and tried again if that may be.
  void response_failed(const Error& error);
  /// The attempt is over, whosever fault it is: tried again if that may be.
  void fail(const Error& error);
  /// The server does not serve it any more, for a reason that is not its own.
  void withdraw(Code cause);
  /// Gives the connection back; what is not complete is cancelled.
  void cancel() { lease_.release(); }
  [[nodiscard]] http::RequestWriter& writer() const { return lease_.writer(); }
  [[nodiscard]] net::ByteStream& stream() const { return lease_.stream(); }
  [[nodiscard]] Persistence& persistence() { return persistence_; }
  [[nodiscard]] const Persistence& persistence() const { return persistence_; }

  // The clock over the server.
  /// on_server_timeout follows unless it is called again, or pause_clock(), within that time.
  void expect(Duration within) { context_.loop.start_timer(timer_, within); }
  void pause_clock() { timer_.stop(); }

  // For counters and logs.
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] bool is_awaited() const { return phase_ == Phase::kQueued || phase_ == Phase::kConnecting; }
  /// Null: none was chosen.
  [[nodiscard]] backends::LocalBackend* backend() const { return backend_; }
  [[nodiscard]] const backends::Backend& settings() const { return backend_->settings(); }
  /// The last one chosen; null: none was.
  [[nodiscard]] const backends::ServerState* server() const { return server_; }
  /// The same as it is configured; only while there is one.
  [[nodiscard]] const backends::Server& chosen() const { return *settings().servers[admission_.server()]; }
  /// Its address; only with server().
  [[nodiscard]] std::string_view server_address() const { return server_address_; }
  [[nodiscard]] bool is_redispatched() const { return redispatched_; }
  [[nodiscard]] int retries() const { return attempts_ > 1 ? attempts_ - 1 : 0; }
  [[nodiscard]] const backends::Lease& lease() const { return lease_; }

 private:
  void on_lease_ready() override;
  void on_lease_failed(const Error& error) override;
  void on_lease_refused(const Error& error) override;
  void on_lease_crowded_out() override;
  void on_admission() override;
  [[nodiscard]] std::optional<rules::expression::ServerLinkFacts> facts() const override;

  [[nodiscard]] backends::ConnectionNeeds needs() const;
  /// The one server that may be asked; nothing if any may.
  [[nodiscard]] std::optional<std::uint32_t> forced() const;
  /// The same before it is known whether that one has an address.
  [[nodiscard]] std::optional<std::uint32_t> insisted_on() const;
  /// The server that the client is to stay with, by cookie or by table.
  [[nodiscard]] std::optional<std::uint32_t> preferred() const {
    const auto by_cookie = persistence_.preferred();
    return by_cookie ? by_cookie : sticking_.preferred();
  }
  void try_next_server();
  void enter_queue();
  void leave_queue();
  void connect();
  /// There is a connection for it, or none can be opened: it counts.
  void begin_attempt();
  void send_request();
  [[nodiscard]] bool asks_for_tunnel() const { return request_.framing.kind == http::BodyKind::kTunnel; }
  [[nodiscard]] bool may_be_sent_again() const;
  void expect_response();
  void on_timeout();

  [[nodiscard]] Attempt attempt();
  /// A TLS handshake failed in which the server was asked by a name that the request has said.
  [[nodiscard]] bool is_by_name(const Error& error) const;
  [[nodiscard]] bool is_retried_for_free(Code code) const;
  /// What failed because a connection had been idle for too long may be sent again, whatever else is said of that.
  [[nodiscard]] bool is_sent_again_for_free();
  /// Any server is as good for this request, and there is another one.
  [[nodiscard]] bool takes_turns();
  [[nodiscard]] bool may_retry_now(Code code);
  [[nodiscard]] bool is_asked_again(int status);
  /// Takes one from the retry budget, or counts that there was none left.
  [[nodiscard]] bool pays_for_retry();
  /// `takes_tried`: the server has failed at nothing, so it may be asked again where all others are full.
  void retry(bool takes_tried);
  void log_failure(const Error& error);
  [[nodiscard]] stats::TrafficCounters& frontend_counters() const;

  WorkerContext& context_;
  http::RequestHead& request_;
  RequestTimes& times_;
  ServerSideEvents& events_;

  const Frontend* frontend_ = nullptr;
  backends::LocalBackend* backend_ = nullptr;
  backends::Admission admission_{*this};
  backends::Lease lease_;
  backends::TriedServers tried_;
  std::uint32_t last_tried_ = 0;  // of the attempt before, or this one
  Persistence persistence_;
  Sticking sticking_;
  net::Timer timer_;
  Replay replay_;
  std::vector<backends::Preface> prefaces_;  // go out before the request: PROXY headers; in its arena
  std::vector<backends::SaidName> names_;  // by which servers are asked, if the request says so; in its arena
  const backends::ServerState* server_ = nullptr;  // kept by the pinned generation
  Duration response_timeout_{};
  TimePoint response_deadline_{};    // of the current attempt, once its request is complete
  std::string_view server_address_;  // of server_; in the request's arena, or the server's
  std::optional<std::uint64_t> balance_key_;
  std::uint16_t client_port_ = 0;  // that the client connected to
  int attempts_ = 0;
  Phase phase_ = Phase::kNone;
  ServerOrders orders_;
  std::optional<std::uint32_t> staying_at_;  // the next attempt is at the same server
  bool pauses_ = false;                      // before it
  bool was_admitted_ = false;
  bool takes_tried_ = false;
  bool redispatched_ = false;  // server_ is not the first one
  bool request_complete_ = false;
};

}  // namespace reseal::proxy
