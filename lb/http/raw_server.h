// The client side of a connection that is passed on as it is (mode: tcp): one request, which is a tunnel from the
// start, so that everything behind the session serves it like any other. Sans I/O.
//
//   kWaiting ──send_head opens──► kOpen ──send_end──► kEnded (the request goes on) ──its end──► session done
//      └──any other response: there is no way to tell──► aborted
//
// Owner: the client connection. Single thread. An idle session holds no buffer.
#pragma once

#include <string_view>

#include "lb/base/byte_sink.h"
#include "lb/http/exchange_ends.h"
#include "lb/http/held_input.h"
#include "lb/http/server_session.h"

namespace reseal::http {

class RawServer final : public ServerSession, public ResponseWriter {
 public:
  /// `out` and `events` are borrowed and outlive the session.
  RawServer(ByteSink& out, ServerSessionEvents& events) : out_(out), events_(events) {}

  /// The connection is open: begins its request. `server_name` (what the client's TLS asks for; may be empty) becomes
  /// its authority. May end the session before it returns.
  void begin(std::string_view server_name);

  // ServerSession
  void feed(std::string_view bytes) override;
  void on_input_end() override;
  void on_input_ended_early() override;
  void on_connection_lost(const Error& error) override;
  void on_drained() override;
  void write_output() override {}
  void refuse(const Error&) override { abort(); }
  void close_when_idle() override {}  // it never is: the drain's deadline ends it
  [[nodiscard]] bool wants_pause() const override {
    // Before the tunnel is open, only bytes that come are a reason: the client's going is to be heard of.
    return input_.is_paused() && (state_ != State::kWaiting || !input_.is_empty());
  }
  [[nodiscard]] bool waits_for_server() const override {
    return exchange_ != nullptr && exchange_->waits_for_server();
  }
  [[nodiscard]] bool is_idle() const override { return false; }
  [[nodiscard]] bool is_reading_head() const override { return false; }
  [[nodiscard]] bool has_stalled_output() const override { return false; }
  void look_at_stalls() override {}

  // ResponseWriter
  void send_informational(const ResponseHead&) override {}
  void send_head(const ResponseHead& head) override;
  void send_body(std::string_view data) override;
  void send_end(std::span<const Field> trailers) override;
  void abort() override;
  /// Once it is open, nothing more of the client is taken; before, a tunnel cannot be told that it is the last.
  void close_after_response() override {
    if (state_ != State::kWaiting) request_ended_ = true;
  }
  [[nodiscard]] bool is_backed_up() const override { return out_.is_backed_up(); }
  void pause_request_body() override { input_.pause(); }
  void resume_request_body() override;

 private:
  enum class State : std::uint8_t { kWaiting, kOpen, kEnded };

  void end_request();
  void finish();

  ByteSink& out_;
  ServerSessionEvents& events_;
  RequestEvents* exchange_ = nullptr;
  HeldInput input_;
  State state_ = State::kWaiting;
  bool request_ended_ = false;
  bool done_ = false;
};

}  // namespace reseal::http
