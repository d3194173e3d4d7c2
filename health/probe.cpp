#include "health/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tls/server_stream.h"

namespace reseal::health {
namespace {

/// A timeout that fires this much late was not the server's doing: this thread was busy (a large reload) or
/// the machine stood still, and the answer may lie unread in the socket.
constexpr Duration kLate{100};

/// No connection was tried for want of our own means. An exhausted balancer must not declare its servers
/// dead. Judged by the number: it survives the way through TLS, which puts every failure of the socket down
/// to the peer.
bool is_own_shortage(const Error& error) {
  return error.system == EMFILE || error.system == ENFILE || error.system == ENOBUFS ||
         error.system == ENOMEM;
}

}  // namespace

Probe::Probe(net::Loop& loop, Duration timeout, ProbeEvents& events)
    : loop_(loop), events_(events), timeout_(timeout), timer_(net::Timer::bind<&Probe::on_timeout>(this)) {}

Probe::~Probe() {
  close();
}

void Probe::start(const ProbeTarget& target) {
  started_ = loop_.now();
  auto opened = tls::open_server_stream(loop_, {.address = target.address,
                                                .tls = target.tls,
                                                .peer = target.peer,
                                                .sessions = target.sessions,
                                                .alpn = target.alpn,
                                                .preface = target.preface});
  stream_ = std::move(opened.stream);
  tls_ = opened.tls;
  stream_->set_events(*this);
  loop_.start_irregular_timer(timer_, timeout_);
}

void Probe::close() {
  done_ = true;
  timer_.stop();
  if (stream_ != nullptr) stream_->close();
}

void Probe::on_open() {
  open_ = true;
  ask(*stream_);
}

void Probe::on_data(std::string_view bytes) {
  if (!done_) on_answer(bytes);
}

void Probe::on_end() {
  if (!done_) on_answer_end();
}

void Probe::on_failure(const Error& error) {
  if (done_) return;
  if (is_own_shortage(error)) {
    finish(Verdict::kNotChecked, describe(error), loop_.now());
    return;
  }
  // A TLS server may refuse our certificate only after the handshake looked complete.
  const bool tls_story = is_secured() && (!open_ || error.openssl != 0);
  if (tls_story) {
    fail(tls_->failure_text());
  } else if (open_) {
    on_answer_lost(error);
  } else {
    fail(error.origin == Origin::kServer ? error.detail : describe(error));
  }
}

Duration Probe::remaining() const {
  return std::max(Duration(0), timeout_ - std::chrono::duration_cast<Duration>(loop_.now() - started_));
}

void Probe::on_timeout() {
  if (loop_.now() - started_ > timeout_ + kLate && !std::exchange(second_chance_, true)) {
    loop_.start_irregular_timer(timer_, timeout_);
    return;
  }
  timed_out_ = true;
  fail(fmt::format("{} within {} ms", open_ ? "no complete answer" : "no connection", timeout_.count()));
}

void Probe::finish(Verdict verdict, std::string reason, TimePoint when) {
  if (std::exchange(done_, true)) return;
  timer_.stop();
  stream_->close();
  const ProbeStage stage = open_          ? ProbeStage::kAsking
                           : is_secured() ? ProbeStage::kSecuring
                                          : ProbeStage::kConnecting;
  events_.on_probe_done({verdict, std::move(reason),
                         std::chrono::duration_cast<Microseconds>(when - started_), stage, timed_out_,
                         status_});
}

}  // namespace reseal::health
