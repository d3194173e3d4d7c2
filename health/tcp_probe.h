// A server is well when it accepts a connection and, with TLS, both sides accept each other's certificates.
#pragma once

#include <algorithm>

#include "health/probe.h"

namespace reseal::health {

class TcpProbe final : public Probe {
 public:
  TcpProbe(net::Loop& loop, Duration timeout, ProbeEvents& events)
      : Probe(loop, timeout, events), settled_(net::Timer::bind<&TcpProbe::on_settled>(this)) {}

 private:
  /// In TLS 1.3 our handshake is complete before the server has looked at our certificate; its refusal, an
  /// alert, comes a round trip later (RFC 8446 2). So a moment's silence is the answer we wait for: longer
  /// than the handshake took, which was more than a round trip.
  static constexpr Duration kSilence{50};

  void ask(net::ByteStream&) override {
    connected_ = loop_.now();
    if (!is_secured()) {
      on_settled();
      return;
    }
    const Duration took = std::chrono::duration_cast<Duration>(connected_ - started());
    loop_.start_irregular_timer(settled_, std::min(std::max(kSilence, took), remaining() / 2));
  }
  void on_settled() { pass("connected", connected_); }
  void on_answer(std::string_view) override {}
  void on_answer_end() override {}
  void on_answer_lost(const Error& error) override { fail(error.detail); }

  net::Timer settled_;
  TimePoint connected_{};
};

}  // namespace reseal::health
