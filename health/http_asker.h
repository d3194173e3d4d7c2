// HTTP on a probe's connection: one request out, as much of its response in as a check looks at.
//
// Owner: the probe, for one connection. Control thread.
#pragma once

#include <memory>
#include <string>

#include "backends/server.h"
#include "health/expectation.h"
#include "lb/config/check_steps.h"
#include "lb/http/client_session.h"
#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"

namespace reseal::tls {
class TlsStream;
}

namespace reseal::health {

class HttpAsker final : public http::ResponseEvents, public http::ClientSessionEvents {
 public:
  /// `stream` is open, borrowed and outlives this; `tls` is the same one, null for plaintext.
  HttpAsker(net::Loop& loop, backends::ServerProtocol protocol, const tls::TlsStream* tls,
            net::ByteStream& stream);

  /// Sends it, once. False when the server does not agree to what must be spoken. `state` goes with requests that tell it.
  bool ask(const config::CheckRequest& request, const std::string& state);
  void feed(std::string_view bytes);
  void on_end();
  void on_lost(const Error& error) { session_->on_connection_lost(error); }

  [[nodiscard]] Answer answer() const;
  /// Why there will be no response; null while there may be one.
  [[nodiscard]] const char* failure() const { return failure_; }

 private:
  void add_fields(const config::CheckRequest& request, const std::string& state);

  http::ResponseHead& response_head() override { return response_; }
  void on_informational(http::ResponseHead&) override {}
  void on_response_head(http::ResponseHead&) override { has_head_ = true; }
  void on_response_body(std::string_view bytes) override;
  void on_response_end(std::span<http::Field>) override { is_complete_ = true; }
  void on_response_failed(const Error& error) override;
  void on_request_drained() override {}

  // From the session. Its output is taken after each of its turns, and what is read is bounded.
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_output_end() override {}
  void on_capacity_changed() override {}

  std::unique_ptr<http::ClientSession> session_;  // null: the server does not agree to what must be spoken
  http::RequestHead request_;
  http::ResponseHead response_;
  std::string body_;
  bool has_head_ = false;
  bool is_complete_ = false;
  const char* failure_ = nullptr;
};

}  // namespace reseal::health
