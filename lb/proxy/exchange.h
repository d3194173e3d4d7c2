// One request and its response, from head to counters: where it goes, on which connection, again if that
// fails, and what the client is told if nothing helps. Stands between two protocol ends and knows neither
// protocol.
//
//   kIdle ──start──► (kQueued ►) kConnecting ──lease ready──► kRequesting ──response head──► kResponding ──end──► kDone
//                        ▲  │                        │    └─ it opens a tunnel ─► kTunnel ──both ends──► ▲
//                        └──┴─ failed, may_retry ────┘   failed, may not: error reply or abort ──────────┘
//
// Owner: between requests the worker's ExchangePool, during one the client connection that began it. Single
// thread. Every call may end the exchange; it returns to the pool at the end of the turn.
#pragma once

#include "backends/backend.h"
#include "lb/base/byte_queue.h"
#include "lb/http/exchange_ends.h"
#include "lb/net/loop.h"
#include "lb/proxy/compression.h"
#include "lb/proxy/forwarding.h"
#include "lb/proxy/local_generation.h"
#include "lb/proxy/persistence.h"
#include "lb/proxy/request_rules.h"
#include "lb/proxy/request_times.h"
#include "lb/proxy/retry_policy.h"
#include "lb/proxy/worker_context.h"

namespace reseal::proxy {

/// Told by an exchange about itself; implemented by the client connection.
class ExchangeOwner {
 public:
  /// Reading from or writing to the client was held up, or goes on: look again at what is waited for.
  virtual void on_exchange_flow() = 0;
  /// Over: the owner forgets the exchange. Called once, last.
  virtual void on_exchange_done() = 0;

 protected:
  ~ExchangeOwner() = default;
};

class Exchange final : public http::RequestEvents,
                       public http::ResponseEvents,
                       public backends::LeaseEvents,
                       public backends::AdmissionEvents,
                       public net::Flushable {
 public:
  explicit Exchange(WorkerContext& context);

  /// The request's head is complete: routes it and sends it on its way, or answers it. `frontend`, `client`,
  /// `owner` and `writer` are borrowed until on_exchange_done (`frontend` is kept by the pinned generation).
  void start(const Frontend& frontend, const ClientFacts& client, ExchangeOwner& owner,
             http::ResponseWriter& writer);
  /// The request's head could not be parsed: answers `error`.
  void refuse(const Frontend& frontend, const ClientFacts& client, const Error& error, ExchangeOwner& owner,
              http::ResponseWriter& writer);
  // From the client side's session.
  http::RequestHead& request_head() override { return request_; }
  void on_request_body(std::string_view data) override;
  void on_request_end(std::span<const http::Field> trailers) override;
  void on_request_failed(const Error& error) override;
  void on_client_ended() override;
  [[nodiscard]] bool waits_for_server() const override {
    return state_ == State::kQueued || state_ == State::kConnecting;
  }
  void on_client_gone(const Error& error) override;
  void on_response_drained() override;

  // From the server side's session.
  http::ResponseHead& response_head() override { return response_; }
  void on_informational(http::ResponseHead& head) override;
  void on_response_head(http::ResponseHead& head) override;
  void on_response_body(std::string_view data) override;
  void on_response_end(std::span<const http::Field> trailers) override;
  void on_response_failed(const Error& error) override;
  void on_request_drained() override;

  // From the connection pool.
  void on_lease_ready() override;
  void on_lease_failed(const Error& error) override;
  void on_lease_refused(const Error& error) override;
  void on_lease_crowded_out() override;

  // From the queue.
  void on_admission() override;

  /// End of a turn: what compression holds back goes out. Of the one in which it was done: back to the pool.
  void flush() override;

 private:
  enum class State : std::uint8_t { kIdle, kQueued, kConnecting, kRequesting, kResponding, kTunnel, kDone };

  void begin(const Frontend& frontend, const ClientFacts& client, ExchangeOwner& owner,
             http::ResponseWriter& writer);
  [[nodiscard]] bool is_over() const { return state_ == State::kIdle || state_ == State::kDone; }
  void answer_by_rule();
  void prepare_preface(const ClientFacts& client);
  [[nodiscard]] std::uint64_t balance_key(const ClientFacts& client) const;
  /// The client has seen something of a response.
  [[nodiscard]] bool is_responding() const {
    return state_ == State::kResponding || state_ == State::kTunnel;
  }
  [[nodiscard]] bool has_request_body() const { return request_.framing.kind != http::BodyKind::kNone; }
  [[nodiscard]] bool asks_for_tunnel() const { return request_.framing.kind == http::BodyKind::kTunnel; }
  void open_tunnel();
  void send_compressed(std::string_view data);
  void compression_failed();
  void look_at_client();
  void take_request_body();
  void try_next_server();
  [[nodiscard]] backends::ConnectionNeeds needs() const;
  void enter_queue();
  void leave_queue();
  void connect();
  void send_request();
  void expect_response();
  [[nodiscard]] Attempt attempt();
  [[nodiscard]] bool is_retried_for_free(Code code) const;
  [[nodiscard]] bool may_retry_now(Code code);
  [[nodiscard]] bool is_asked_again(int status);
  /// Takes one from the retry budget, or counts that there was none left.
  [[nodiscard]] bool pays_for_retry();
  void retry();
  void attempt_failed(const Error& error);
  void answer_error(const Error& error);
  void on_server_timeout();
  void on_client_timeout();
  [[nodiscard]] Duration response_timeout() const {
    return rules_.response_timeout(backend_->settings().response_timeout);
  }
  [[nodiscard]] Duration idle_timeout() const {
    if (state_ == State::kTunnel) return backend_->settings().tunnel_timeout;
    return rules_.idle_timeout(backend_->settings().idle_timeout);
  }
  void expect_server(Duration within);
  void expect_client();
  void log_failure(const Error& error);
  void finish(Code cause, int status);
  void count_end(Code cause, int status);
  void write_access_log(Code cause, int status);
  void fill_load(stats::AccessRecord& record) const;
  void keep_for_replay(std::string_view data);
  [[nodiscard]] stats::TrafficCounters& frontend_counters() const;

  WorkerContext& context_;
  http::RequestHead request_;
  http::ResponseHead response_;

  // The request under way; reset by begin().
  GenerationPin generation_;
  const Frontend* frontend_ = nullptr;
  ExchangeOwner* owner_ = nullptr;
  http::ResponseWriter* client_side_ = nullptr;
  RequestRules rules_;
  backends::LocalBackend* backend_ = nullptr;
  backends::Admission admission_{*this};
  backends::Lease lease_;
  backends::TriedServers tried_;
  Persistence persistence_;
  Compression compression_;
  net::Timer server_timer_;
  net::Timer client_timer_;  // while body bytes of the client are waited for
  ByteQueue replay_;  // body bytes taken from the client, while the request may still have to be sent again
  TimePoint started_{};
  std::string_view preface_;  // goes out before the request: a PROXY header; in the request's arena
  RequestTimes times_;
  ClientFacts client_;  // its views outlive the request
  struct Asked {
    std::string_view host, target;
  } asked_;                                        // as the client sent them; views into request_'s arena
  const backends::ServerState* server_ = nullptr;  // the last one chosen; kept by the pinned generation
  bool redispatched_ = false;                      // it is not the first one
  TimePoint response_deadline_{};                  // of the current attempt, once its request is complete
  std::uint64_t balance_key_ = 0;
  std::uint64_t request_bytes_ = 0;
  std::uint64_t response_bytes_ = 0;
  int attempts_ = 0;
  State state_ = State::kIdle;
  bool request_complete_ = false;
  bool response_ended_ = false;  // in a tunnel
  bool replayable_ = true;       // nothing taken from the client is missing in replay_
};

}  // namespace reseal::proxy
