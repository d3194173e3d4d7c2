// A server is well when it accepts a connection and, with TLS, completes the handshake as the server we expect.
#pragma once

#include "health/probe.h"

namespace reseal::health {

class TcpProbe final : public Probe {
 public:
  using Probe::Probe;

 private:
  void ask(net::ByteStream&) override { succeed("connected"); }
  void on_answer(std::string_view) override {}
  void on_answer_end() override {}
  void on_answer_lost(const Error&) override {}
};

}  // namespace reseal::health
