// A server is well when it answers an HTTP request with an expected status.
#pragma once

#include <memory>

#include "backends/server.h"
#include "health/probe.h"
#include "lb/config/model.h"
#include "lb/http/client_session.h"

namespace reseal::health {

class HttpProbe final : public Probe, public http::ResponseEvents, public http::ClientSessionEvents {
 public:
  /// `settings` is read now and later (borrowed); `host` goes into the Host field.
  HttpProbe(net::Loop& loop, const config::Check& settings, backends::ServerProtocol protocol,
            const std::string& host, ProbeEvents& events);

 private:
  void ask(net::ByteStream& stream) override;
  void on_answer(std::string_view bytes) override;
  void on_answer_end() override { session_->on_input_end(); }
  void on_answer_lost(const Error& error) override { session_->on_connection_lost(error); }

  http::ResponseHead& response_head() override { return response_; }
  void on_informational(http::ResponseHead&) override {}
  void on_response_head(http::ResponseHead& head) override;
  void on_response_body(std::string_view) override {}
  void on_response_end(std::span<http::Field>) override {}
  void on_response_failed(const Error& error) override;
  void on_request_drained() override {}

  // From the session. Its output is taken after each of its turns, and one short request and its response's head need
  // no flow control.
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_output_end() override {}
  void on_capacity_changed() override {}

  const config::Check& settings_;
  const backends::ServerProtocol protocol_;
  std::unique_ptr<http::ClientSession> session_;
  http::RequestHead request_;
  http::ResponseHead response_;
};

}  // namespace reseal::health
