#include "health/probe.h"

#include <fmt/format.h>

#include <utility>

#include "lb/net/tcp_stream.h"
#include "tls/tls_stream.h"

namespace reseal::health {

Probe::Probe(net::Loop& loop, Duration timeout, ProbeEvents& events)
    : loop_(loop), events_(events), timeout_(timeout), timer_(net::Timer::bind<&Probe::on_timeout>(this)) {}

Probe::~Probe() { close(); }

void Probe::start(const ProbeTarget& target) {
  started_ = loop_.now();
  auto tcp = net::TcpStream::connect(loop_, target.address);
  if (target.tls == nullptr) {
    stream_ = std::move(tcp);
  } else {
    auto secured = tls::TlsStream::connect(std::move(tcp), target.tls, *target.peer, target.sessions);
    tls_ = secured.get();
    stream_ = std::move(secured);
  }
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
  // A TLS server may refuse our certificate only after the handshake looked complete.
  const bool tls_story = tls_ != nullptr && (!open_ || error.openssl != 0);
  if (tls_story) {
    fail(tls_->failure_text());
  } else if (open_) {
    on_answer_lost(error);
  } else {
    fail(error.detail);
  }
}

void Probe::on_timeout() {
  fail(fmt::format("{} within {} ms", open_ ? "no complete answer" : "no connection", timeout_.count()));
}

void Probe::finish(bool ok, std::string reason) {
  if (std::exchange(done_, true)) return;
  timer_.stop();
  stream_->close();
  events_.on_probe_done({ok, std::move(reason), std::chrono::duration_cast<Microseconds>(loop_.now() - started_)});
}

}  // namespace reseal::health
