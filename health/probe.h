// One look at one server: the steps of a check, one after the other, over the same kind of stream that traffic takes (TCP, or
// TLS with the server verified).
//
//   connecting ──open──► steps (open_) ──last one done, or one failed──► done (done_)       any ──failure, timeout──► done
//        ▲                   │
//        └──a step connects──┘
//
// Bounded in time by its timeout and in memory by kMostAnswer, whatever the server sends.
// Owner: the monitor's watch on that server; one probe at a time, used once. Control thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "health/check_plan.h"
#include "health/expectation.h"
#include "health/http_asker.h"
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

struct ProbeResult {
  Verdict verdict = Verdict::kFailed;
  std::string reason;  ///< in words: "HTTP 200", "connection refused", "HTTP 503, expected 200-399"
  Microseconds latency{0};
  config::CheckStatus status = config::CheckStatus::kUnknown;
  std::optional<int> code;  ///< beside a status that has one
  std::string info;         ///< what HAProxy adds in its logs and statistics; may be empty
};

class ProbeEvents {
 public:
  /// The probe is over; the receiver buries it.
  virtual void on_probe_done(const ProbeResult& result) = 0;

 protected:
  ~ProbeEvents() = default;
};

/// How long a probe may take.
struct ProbeTimes {
  Duration timeout{2000};
  std::optional<Duration>
      connect;  ///< of it for connecting; then the timeout begins anew. None: all of it counts
};

class Probe final : public Disposable, public net::StreamEvents {
 public:
  /// `sessions` (may be null) and `events` are borrowed until `events` was called or close().
  Probe(net::Loop& loop, std::shared_ptr<const CheckPlan> plan, ProbeTimes times, tls::SessionSlot* sessions,
        ProbeEvents& events);
  ~Probe() override;

  /// on_probe_done follows, never before this returns. `is_up`: the server is so far; `state`: what requests tell it of
  /// itself.
  void start(bool is_up, std::string state);
  /// Ends without an event. Idempotent.
  void close();

 private:
  void on_open() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_failure(const Error& error) override;
  void on_timeout();

  void connect(const PlannedConnect& connect);
  void drop_connection();
  /// Steps until one has to wait, or the end.
  void run();
  bool run_request(const config::CheckRequest& request);
  /// Whether the next step may follow.
  bool run_expect();
  void on_all_done();
  [[nodiscard]] bool is_excused_404(const Answer& answer) const;
  void fail(config::CheckStatus status, std::string info, std::string reason);
  /// "at step 2 of tcp-check (expect regex)", where checks tell their steps.
  [[nodiscard]] std::string where() const;
  void finish(ProbeResult result, TimePoint when);
  [[nodiscard]] const PlannedStep& step() const { return plan_->steps[at_]; }

  net::Loop& loop_;
  const std::shared_ptr<const CheckPlan> plan_;
  const ProbeTimes times_;
  tls::SessionSlot* const sessions_;
  ProbeEvents& events_;
  std::unique_ptr<net::ByteStream> stream_;
  tls::TlsStream* tls_ = nullptr;  // stream_, when it is one
  std::unique_ptr<HttpAsker> asker_;
  net::Timer timer_;
  net::Timer settled_;
  TimePoint started_{}, connecting_{}, connected_{};
  std::size_t at_ = 0;  // the step that is being made
  std::string input_;   // since the last step that sent something
  std::string state_;
  ProbeResult last_;  // of the last step that expected something
  bool is_up_ = true;
  bool open_ = false;
  bool ended_ = false;    // the server has ended its side
  bool leaving_ = false;  // the last step has sent something, which is on its way
  bool done_ = false;
  bool second_chance_ = false;  // the loop was late, the timeout runs again
};

}  // namespace reseal::health
