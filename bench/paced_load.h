// Requests at a constant rate over many kept connections, each sent at its own moment: one thread, so that ten
// thousand connections cost the load no more than sixteen. Blocking reads: an answer that has begun is read to its
// end, which suits small ones only.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "bench/tls_client.h"
#include "bench/totals.h"

namespace reseal::bench {

class PacedLoad {
 public:
  PacedLoad(ssl_ctx_st& context, const Target& target);
  ~PacedLoad();
  PacedLoad(const PacedLoad&) = delete;
  PacedLoad& operator=(const PacedLoad&) = delete;

  /// Opens `count` connections and asks each once. False, with a message on stderr, when one fails.
  bool open(int count);

  /// `rate` requests a second for so many seconds, round robin over the connections. Latency counts from when the
  /// request was due: a stall is not hidden by the requests that it kept from being sent. A connection that breaks is
  /// a failure and is not opened again.
  Totals run(double rate, double seconds);

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection {
    std::unique_ptr<TlsClient> client;
    Clock::time_point due;
    bool is_asked = false;
  };

  void send_due(Connection& connection, Totals& totals);
  void on_readable(Connection& connection, Totals& totals);
  void drop(Connection& connection, std::string_view why, Totals& totals);

  ssl_ctx_st& context_;
  const Target& target_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::deque<Connection*> idle_;  ///< the longest idle first
  long in_flight_ = 0;
};

}  // namespace reseal::bench
