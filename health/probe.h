// One look at one server, over the same kind of stream that traffic takes: TCP, or TLS with the server
// verified. Each kind of probe is a subclass in a file of its own and says what "well" means.
//
//   connecting ──open──► asking (open_) ──answer judged──► done (done_)        any ──failure, timeout──► done
//
// Owner: the monitor's watch on that server; one probe at a time, used once. Control thread.
#pragma once

#include <cstdint>
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

enum class Verdict : std::uint8_t {
  kPassed,
  kFailed,
  kNotChecked,  ///< this process could not ask (no descriptor, no memory): says nothing about the server
};

/// How far a probe got.
enum class ProbeStage : std::uint8_t { kConnecting, kSecuring, kAsking };

struct ProbeResult {
  Verdict verdict = Verdict::kFailed;
  std::string reason;  ///< in words: "HTTP 200", "connection refused", "HTTP 503, expected 200-399"
  Microseconds latency{0};
  ProbeStage stage = ProbeStage::kAsking;  ///< a passed probe: that of its kind of check
  bool timed_out = false;
  int status = 0;  ///< of an HTTP answer; 0: there was none
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
  tls::AlpnOffer alpn = tls::AlpnOffer::kHttp1;   ///< with tls
  std::string preface{};                          ///< sent before anything else: a PROXY header
};

class Probe : public Disposable, public net::StreamEvents {
 public:
  /// `events` is borrowed until it was called or close().
  Probe(net::Loop& loop, Duration timeout, ProbeEvents& events);
  ~Probe() override;

  /// on_probe_done follows, never before this returns.
  void start(const ProbeTarget& target);
  /// Ends without an event. Idempotent.
  void close();

 protected:
  /// Connected and, with TLS, the server verified: ask, or be content.
  virtual void ask(net::ByteStream& stream) = 0;
  virtual void on_answer(std::string_view bytes) = 0;
  virtual void on_answer_end() = 0;
  virtual void on_answer_lost(const Error& error) = 0;

  /// The answer is what it should be; `answered` is when it came.
  void pass(std::string reason, TimePoint answered) { finish(Verdict::kPassed, std::move(reason), answered); }
  void fail(std::string reason) { finish(Verdict::kFailed, std::move(reason), loop_.now()); }

  [[nodiscard]] bool is_secured() const { return tls_ != nullptr; }
  /// Null for plaintext.
  [[nodiscard]] const tls::TlsStream* secured() const { return tls_; }
  [[nodiscard]] TimePoint started() const { return started_; }
  /// Until the timeout; 0 when it is overdue.
  [[nodiscard]] Duration remaining() const;

  net::Loop& loop_;
  int status_ = 0;  // of an HTTP answer

 private:
  void on_open() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override {}
  void on_failure(const Error& error) override;
  void on_timeout();
  void finish(Verdict verdict, std::string reason, TimePoint when);

  ProbeEvents& events_;
  Duration timeout_;
  std::unique_ptr<net::ByteStream> stream_;
  tls::TlsStream* tls_ = nullptr;  // stream_, when it is one
  net::Timer timer_;
  TimePoint started_{};
  bool open_ = false;
  bool done_ = false;
  bool timed_out_ = false;
  bool second_chance_ = false;  // the loop was late, the timeout runs again
};

}  // namespace reseal::health
