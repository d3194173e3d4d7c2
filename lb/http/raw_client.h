// The server side of a connection that is passed on as it is (mode: tcp): one request, whose response opens a tunnel
// at once, since the connection itself is all the agreement there is. Sans I/O.
//
// Owner: a server connection. Single thread. An idle session holds no buffer.
#pragma once

#include <string_view>

#include "lb/base/byte_sink.h"
#include "lb/http/client_session.h"
#include "lb/http/held_input.h"

namespace reseal::http {

class RawClient final : public ClientSession, public RequestWriter {
 public:
  /// `out` and `owner` are borrowed and outlive the session.
  RawClient(ByteSink& out, ClientSessionEvents& owner) : out_(out), owner_(owner) {}

  // RequestWriter
  /// Answers before it returns: `events` hears on_response_head with framing kTunnel and status 0.
  void send_head(const RequestHead& head, ResponseEvents& events) override;
  void send_body(std::string_view data) override;
  void send_end(std::span<const Field> trailers) override;
  [[nodiscard]] bool is_backed_up() const override { return out_.is_backed_up(); }
  void pause_response() override;
  void resume_response() override;

  // ClientSession
  [[nodiscard]] std::uint32_t free_requests() const override { return taken_ ? 0 : 1; }
  [[nodiscard]] bool can_upgrade() const override { return true; }
  RequestWriter& open_request() override;
  bool close_request(RequestWriter& writer) override;
  void feed(std::string_view bytes) override;
  void on_input_end() override;
  void on_connection_lost(const Error& error) override;
  void on_drained() override;
  void write_output() override {}
  [[nodiscard]] bool wants_pause() const override { return events_ != nullptr && input_.is_paused(); }

 private:
  void end_response();

  ByteSink& out_;
  ClientSessionEvents& owner_;
  ResponseEvents* events_ = nullptr;  // null: nobody listens (any more)
  HeldInput input_;                   // held too until somebody listens
  bool taken_ = false;
  bool request_ended_ = false;
  bool response_ended_ = false;
};

}  // namespace reseal::http
