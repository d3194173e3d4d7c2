// One request and its response, from head to counters: what the rules make of it, its way to a server and back, and
// what the client is told if nothing helps. Stands between two protocol ends and knows neither protocol. Which server,
// and again if that fails: server_side.h.
//
//   kIdle ──start──► (kHeld: a tarpit, kBody: rules wait for one ►) kAsking ──response head──► kResponding ──end──► kDone
//                       │  └─ it opens a tunnel ─► kTunnel ──both ends──► ▲
//                       ├── kPage: reseal's own, made elsewhere ──sent──► ▲
//                       └── no server, no response: error reply ─────────┘   any ──a side fails: cut off──► kDone
//
// Owner: between requests the worker's ExchangePool, during one the client connection that began it. Single
// thread. Every call may end the exchange; it returns to the pool at the end of the turn.
#pragma once

#include "lb/http/exchange_ends.h"
#include "lb/net/loop.h"
#include "lb/proxy/body_buffer.h"
#include "lb/proxy/body_pace.h"
#include "lb/proxy/compression.h"
#include "lb/proxy/exchange_account.h"
#include "lb/proxy/local_generation.h"
#include "lb/proxy/page_reply.h"
#include "lb/proxy/request_rules.h"
#include "lb/proxy/server_side.h"
#include "lb/proxy/tunnel.h"
#include "lb/proxy/websocket_handshake.h"
#include "lb/proxy/worker_context.h"

namespace reseal::proxy {

/// Told by an exchange about itself; implemented by the client connection.
class ExchangeOwner {
 public:
  /// Reading from or writing to the client was held up, or goes on: look again at what is waited for.
  virtual void on_exchange_flow() = 0;
  /// The client's connection.
  virtual net::ByteStream& stream() = 0;
  /// Over: the owner forgets the exchange. Called once, last.
  virtual void on_exchange_done() = 0;

 protected:
  ~ExchangeOwner() = default;
};

class Exchange final : public http::RequestEvents,
                       public ServerSideEvents,
                       public net::SpliceEvents,
                       public net::Flushable,
                       public PageWaiter {
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
  void on_request_end(std::span<http::Field> trailers) override;
  void on_request_failed(const Error& error) override;
  void on_client_ended() override;
  [[nodiscard]] bool waits_for_server() const override { return server_side_.is_awaited(); }
  void on_client_gone(const Error& error) override;
  void on_response_drained() override;

  // From the server side and its session.
  http::ResponseHead& response_head() override { return response_; }
  void on_informational(http::ResponseHead& head) override;
  void on_response_head(http::ResponseHead& head) override;
  void on_response_body(std::string_view data) override;
  void on_response_end(std::span<http::Field> trailers) override;
  void on_response_failed(const Error& error) override;
  void on_request_drained() override;

  void on_server_awaited() override { owner_->on_exchange_flow(); }
  void on_server_ready() override;
  void on_retry() override;
  void on_server_timeout() override;
  void on_server_failed(const Error& error) override;
  void on_server_redirects(std::string_view prefix) override;
  void on_server_withdrawn(const Error& error) override;

  // From the tunnel.
  void on_spliced(const net::Splice& splice, std::size_t bytes) override;

  // From the control thread, by way of the worker.
  void on_page(std::shared_ptr<const Page> page) override;

  /// End of a turn: what compression holds back goes out. Of the one in which it was done: back to the pool.
  void flush() override;

 private:
  enum class State : std::uint8_t { kIdle, kHeld, kBody, kAsking, kResponding, kTunnel, kPage, kDone };

  void begin(const Frontend& frontend, const ClientFacts& client, ExchangeOwner& owner,
             http::ResponseWriter& writer);
  [[nodiscard]] bool is_over() const { return state_ == State::kIdle || state_ == State::kDone; }
  /// The client has seen something of a response.
  [[nodiscard]] bool is_responding() const {
    return state_ == State::kResponding || state_ == State::kTunnel;
  }
  [[nodiscard]] bool is_request_complete() const {
    return state_ == State::kTunnel ? tunnel_.has_client_ended() : server_side_.is_request_complete();
  }
  [[nodiscard]] Duration idle_timeout() const;
  [[nodiscard]] const http::CompressionPolicy* compression_policy() const;
  void judged();
  void judged_by_backend();
  void wait_for_body();
  void buffer_body(std::string_view data);
  void end_buffering();
  void heed_overrides();
  void send_interim(int status, const rules::actions::Overrides::Hint* field);
  void obey_rules();
  void answer_by_rule();
  /// False: it is not this page that is asked for; null: there is none.
  bool answer_by_page(const std::shared_ptr<const StatsPage>& page);
  void answer_metrics();
  void ask_for_page(std::shared_ptr<const StatsPage> page);
  void finish_page();
  void answer_error(const Error& error);

  void expect_client();
  void start_client_timer();
  void pause_client_clock();
  [[nodiscard]] bool holds_up_others() const;
  void take_request_body();
  void hold_client_back();
  void client_ended_tunnel();
  void on_client_timeout();

  void open_tunnel();
  [[nodiscard]] bool send_inspected();
  void answer_in_place_of_response();
  void send_compressed(std::string_view data);
  void compression_failed();
  void look_at_client();

  void count_tracked_bytes();
  void finish(Code cause, int status);
  void cut_off(Code cause, int status);

  WorkerContext& context_;
  http::RequestHead request_;
  http::ResponseHead response_;

  // The request under way; reset by begin().
  GenerationPin generation_;
  const Frontend* frontend_ = nullptr;
  ExchangeOwner* owner_ = nullptr;
  http::ResponseWriter* client_side_ = nullptr;
  RequestRules rules_;
  ExchangeAccount account_;
  ServerSide server_side_;
  WebSocketHandshake websocket_;
  Compression compression_;
  Tunnel tunnel_;
  PageReply page_;
  BodyPace body_pace_;
  BodyBuffer body_;
  net::Timer client_timer_;  // while body bytes of the client are waited for
  State state_ = State::kIdle;
};

}  // namespace reseal::proxy
