#include "health/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tls/server_stream.h"

namespace reseal::health {
namespace {

using config::CheckStatus;

/// A timeout that fires this much late was not the server's doing: this thread was busy (a large reload) or
/// the machine stood still, and the answer may lie unread in the socket.
constexpr Duration kLate{100};

/// In TLS 1.3 our handshake is complete before the server has looked at our certificate; its refusal, an
/// alert, comes a round trip later (RFC 8446 2). So where nothing is asked a moment's silence is the answer we wait for:
/// longer than the handshake took, which was more than a round trip.
constexpr Duration kSilence{50};

/// No connection was tried for want of our own means. An exhausted balancer must not declare its servers
/// dead. Judged by the number: it survives the way through TLS, which puts every failure of the socket down
/// to the peer.
bool is_own_shortage(const Error& error) {
  return error.system == EMFILE || error.system == ENFILE || error.system == ENOBUFS ||
         error.system == ENOMEM;
}

}  // namespace

Probe::Probe(net::Loop& loop, std::shared_ptr<const CheckPlan> plan, ProbeTimes times,
             tls::SessionSlot* sessions, ProbeEvents& events)
    : loop_(loop),
      plan_(std::move(plan)),
      times_(times),
      sessions_(sessions),
      events_(events),
      timer_(net::Timer::bind<&Probe::on_timeout>(this)),
      settled_(net::Timer::bind<&Probe::on_all_done>(this)) {}

Probe::~Probe() {
  close();
}

void Probe::start(bool is_up, std::string state) {
  started_ = loop_.now();
  is_up_ = is_up;
  state_ = std::move(state);
  loop_.start_irregular_timer(timer_, times_.timeout);
  connect(std::get<PlannedConnect>(step().what));
}

void Probe::close() {
  done_ = true;
  timer_.stop();
  settled_.stop();
  if (stream_ != nullptr) stream_->close();
}

// ---- the connection

void Probe::connect(const PlannedConnect& connect) {
  drop_connection();
  connecting_ = loop_.now();
  auto opened = tls::open_server_stream(loop_, {.address = connect.address,
                                                .socket = connect.socket,
                                                .tls = connect.tls,
                                                .peer = &connect.peer,
                                                .sessions = sessions_,
                                                .alpn = connect.alpn,
                                                .preface = connect.preface,
                                                .source = connect.source});
  stream_ = std::move(opened.stream);
  tls_ = opened.tls;
  stream_->set_events(*this);
  if (times_.connect) loop_.start_irregular_timer(timer_, *times_.connect);
}

void Probe::drop_connection() {
  asker_.reset();
  input_.clear();
  open_ = ended_ = false;
  tls_ = nullptr;
  if (stream_ == nullptr) return;
  stream_->close();
  loop_.bury(std::move(stream_));
}

void Probe::on_open() {
  open_ = true;
  connected_ = loop_.now();
  if (times_.connect) loop_.start_irregular_timer(timer_, times_.timeout);
  if (at_ + 1 == plan_->steps.size() && tls_ != nullptr) {
    const auto took = std::chrono::duration_cast<Duration>(connected_ - connecting_);
    const auto left = times_.timeout - std::chrono::duration_cast<Duration>(loop_.now() - started_);
    loop_.start_irregular_timer(settled_,
                                std::min(std::max(kSilence, took), std::max(Duration(0), left) / 2));
    return;
  }
  ++at_;
  run();
}

void Probe::on_drained() {
  if (leaving_ && !done_) on_all_done();
}

void Probe::on_data(std::string_view bytes) {
  if (done_ || leaving_) return;
  if (asker_ != nullptr) {
    asker_->feed(bytes);
  } else {
    input_.append(bytes.substr(0, kMostAnswer - input_.size()));
  }
  if (!settled_.is_linked()) run();
}

void Probe::on_end() {
  if (done_ || leaving_) return;
  ended_ = true;
  if (asker_ != nullptr) asker_->on_end();
  if (!settled_.is_linked()) run();
}

void Probe::on_failure(const Error& error) {
  if (done_) return;
  if (is_own_shortage(error)) {
    ProbeResult none{Verdict::kNotChecked, describe(error), {}, CheckStatus::kSocketError, {}, {}};
    finish(std::move(none), loop_.now());
    return;
  }
  // A TLS server may refuse our certificate only after the handshake looked complete.
  const bool tls_story = tls_ != nullptr && tls_->is_tcp_open() && (!open_ || error.openssl != 0);
  if (tls_story) {
    fail(CheckStatus::kL6Response, "SSL handshake failure", tls_->failure_text());
  } else if (!open_) {
    const std::string number = error.system != 0 ? std::strerror(error.system) : error.detail;
    const std::string reason = tls_ != nullptr                   ? tls_->failure_text()
                               : error.origin == Origin::kServer ? error.detail
                                                                 : describe(error);
    fail(CheckStatus::kL4Connection, number, reason);
  } else if (leaving_) {
    on_all_done();
  } else if (settled_.is_linked()) {
    fail(CheckStatus::kL6Response, "", error.detail);
  } else {
    ended_ = true;
    if (asker_ != nullptr) asker_->on_lost(error);
    run();
  }
}

void Probe::on_timeout() {
  const Duration allowed = times_.connect && !open_ ? *times_.connect : times_.timeout;
  const TimePoint since = times_.connect ? (open_ ? connected_ : connecting_) : started_;
  if (loop_.now() - since > allowed + kLate && !std::exchange(second_chance_, true)) {
    loop_.start_irregular_timer(timer_, allowed);
    return;
  }
  if (leaving_) {
    on_all_done();
    return;
  }
  CheckStatus status = CheckStatus::kL7Timeout;
  if (!open_) {
    const bool in_handshake = tls_ != nullptr && tls_->is_tcp_open();
    status = in_handshake ? CheckStatus::kL6Timeout : CheckStatus::kL4Timeout;
  } else if (const auto* expect = std::get_if<PlannedExpect>(&step().what)) {
    status = expect->settings.timeout;
  }
  fail(status, "",
       fmt::format("{} within {} ms", open_ ? "no complete answer" : "no connection", allowed.count()));
}

// ---- the steps

void Probe::run() {
  while (!done_ && at_ < plan_->steps.size()) {
    const auto& what = step().what;
    if (const auto* to = std::get_if<PlannedConnect>(&what)) {
      connect(*to);
      return;
    }
    if (const auto* send = std::get_if<config::CheckSend>(&what)) {
      input_.clear();
      stream_->write(send->bytes);
    } else if (const auto* request = std::get_if<config::CheckRequest>(&what)) {
      if (!run_request(*request)) return;
    } else if (!run_expect()) {
      return;
    }
    ++at_;
  }
  if (done_) return;
  // What was sent last is to arrive: close() would drop it.
  leaving_ = std::holds_alternative<config::CheckSend>(plan_->steps.back().what);
  if (leaving_) {
    stream_->end();
  } else {
    on_all_done();
  }
}

bool Probe::run_request(const config::CheckRequest& request) {
  asker_ = std::make_unique<HttpAsker>(loop_, plan_->protocol, tls_, *stream_);
  if (asker_->ask(request, state_)) return true;
  fail(CheckStatus::kL7Response, "", asker_->failure());
  return false;
}

bool Probe::is_excused_404(const Answer& answer) const {
  constexpr int kNotFound = 404;
  return plan_->drains_on_404 && is_up_ && answer.head != nullptr && answer.head->status == kNotFound;
}

bool Probe::run_expect() {
  const Answer answer =
      asker_ != nullptr ? asker_->answer() : Answer{input_, ended_ || input_.size() == kMostAnswer, nullptr};
  if (asker_ != nullptr && asker_->failure() != nullptr) {
    fail(CheckStatus::kL7Response, "", asker_->failure());
    return false;
  }
  if (is_excused_404(answer)) {
    last_ = {Verdict::kPassed, "HTTP 404", {}, CheckStatus::kL7OkConditionally, answer.head->status, {}};
    return true;
  }
  Judgement judgement = judge(step(), answer);
  if (judgement.outcome == Judgement::Outcome::kWait) return false;
  const bool passed = judgement.outcome == Judgement::Outcome::kPassed;
  ProbeResult result{passed ? Verdict::kPassed : Verdict::kFailed,
                     std::move(judgement.reason),
                     {},
                     judgement.status,
                     judgement.code,
                     std::move(judgement.info)};
  if (!passed) {
    finish(std::move(result), loop_.now());
    return false;
  }
  const bool repeats = std::get<PlannedExpect>(step().what).settings.kind == config::ExpectKind::kMysqlOk;
  if (repeats) result.info = last_.info;  // what the greeting said
  if (plan_->tells_steps && result.info.empty()) result.info = "(tcp-check)";
  last_ = std::move(result);
  return true;
}

void Probe::on_all_done() {
  if (last_.status != CheckStatus::kUnknown) {
    finish(last_, loop_.now());
    return;
  }
  const bool only_connected = std::holds_alternative<PlannedConnect>(plan_->steps.back().what);
  ProbeResult result{Verdict::kPassed, "connected", {}, CheckStatus::kL7Ok, {}, {}};
  if (only_connected) {
    result.status = tls_ != nullptr ? CheckStatus::kL6Ok : CheckStatus::kL4Ok;
  } else {
    result.code = 0;
  }
  if (plan_->tells_steps) result.info = "(tcp-check)";
  finish(std::move(result), connected_);
}

// ---- the end

std::string Probe::where() const {
  if (!plan_->tells_steps) return "";
  if (step().number == 0) return " at initial connection step of tcp-check";
  std::string text = fmt::format(" at step {} of tcp-check ({})", step().number, describe_step(step()));
  if (!step().comment.empty()) text += fmt::format(" comment: '{}'", step().comment);
  return text;
}

void Probe::fail(CheckStatus status, std::string info, std::string reason) {
  finish({Verdict::kFailed, std::move(reason), {}, status, {}, std::move(info) + where()}, loop_.now());
}

void Probe::finish(ProbeResult result, TimePoint when) {
  if (std::exchange(done_, true)) return;
  timer_.stop();
  settled_.stop();
  stream_->close();
  result.latency = std::chrono::duration_cast<Microseconds>(when - started_);
  events_.on_probe_done(result);
}

}  // namespace reseal::health
