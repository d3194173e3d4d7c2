// One look at one server, over the same kind of stream that traffic takes: TCP, or TLS with the server verified. Each
// kind of probe is a subclass in a file of its own and says what "well" means.
//
//   kConnecting ──open──► kAsking ──answer judged──► kDone        any ──failure / timeout──► kDone
//
// Owner: the monitor's watch on that server; one probe at a time, used once. Control thread.
#pragma once

#include <memory>
#include <string>

#include "backends/server_state.h"
#include "lb/base/disposable.h"
#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"
#include "tls/client_context.h"

namespace reseal::tls {
class TlsStream;
}

namespace reseal::health {

struct ProbeResult {
  bool ok = false;
  std::string reason;  ///< in words: "HTTP 200", "connection refused", "HTTP 503, expected 200-399"
  Microseconds latency{0};
};

class ProbeEvents {
 public:
  /// The probe is over; the receiver buries it.
  virtual void on_probe_done(const ProbeResult& result) = 0;

 protected:
  ~ProbeEvents() = default;
};

/// Where and how to connect; everything outlives the probe.
struct ProbeTarget {
  net::Address address;
  std::shared_ptr<const tls::ClientContext> tls;  ///< null: plaintext
  const tls::PeerIdentity* peer = nullptr;        ///< with tls
  tls::SessionSlot* sessions = nullptr;           ///< with tls
};

class Probe : public Disposable, public net::StreamEvents {
 public:
  /// `events` is borrowed until it was called or close().
  Probe(net::Loop& loop, Duration timeout, ProbeEvents& events);
  ~Probe() override;

  void start(const ProbeTarget& target);
  /// Ends without an event. Idempotent.
  void close();

 protected:
  /// Connected and, with TLS, verified: ask, or be content.
  virtual void ask(net::ByteStream& stream) = 0;
  virtual void on_answer(std::string_view bytes) = 0;
  virtual void on_answer_end() = 0;
  virtual void on_answer_lost(const Error& error) = 0;

  void succeed(std::string reason) { finish(true, std::move(reason)); }
  void fail(std::string reason) { finish(false, std::move(reason)); }

  net::Loop& loop_;

 private:
  void on_open() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override {}
  void on_failure(const Error& error) override;
  void on_timeout();
  void finish(bool ok, std::string reason);

  ProbeEvents& events_;
  Duration timeout_;
  std::unique_ptr<net::ByteStream> stream_;
  tls::TlsStream* tls_ = nullptr;
  net::Timer timer_;
  TimePoint started_{};
  bool open_ = false;
  bool done_ = false;
};

}  // namespace reseal::health
