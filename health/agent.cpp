#include "health/agent.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tls/server_stream.h"

namespace reseal::health {
namespace {

using config::CheckStatus;

constexpr Duration kFirstWithin{200};

}  // namespace

Agent::Agent(net::Loop& loop, Random& random, config::AgentCheck settings,
             std::shared_ptr<const backends::ServerState> server, AgentEvents& events)
    : loop_(loop),
      settings_(std::move(settings)),
      server_(std::move(server)),
      events_(events),
      timer_(net::Timer::bind<&Agent::on_due>(this)) {
  const Duration most = std::min(kFirstWithin, settings_.interval);
  loop_.start_irregular_timer(timer_, Duration(random.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

void Agent::on_due() {
  if (stream_ == nullptr) {
    ask();
  } else {
    fail(open_ ? CheckStatus::kL7Timeout : CheckStatus::kL4Timeout, "");
  }
}

void Agent::ask() {
  if (settings_.host.empty() && server_->unresolved) {
    // It has no address yet, and the one that stands in for it would be this machine.
    loop_.start_irregular_timer(timer_, settings_.interval);
    return;
  }
  const net::Address server = server_->address.get();
  const net::Address address = settings_.host.empty()
                                   ? server.with_port(settings_.port)
                                   : net::Address::parse(settings_.host, settings_.port).value_or(server);
  asked_ = loop_.now();
  open_ = false;
  input_.clear();
  const std::shared_ptr<const tls::ClientContext> plaintext;
  const std::string_view socket =
      settings_.host.empty() ? std::string_view(server_->address.socket()) : std::string_view();
  stream_ = tls::open_server_stream(loop_, {.address = address, .socket = socket, .tls = plaintext}).stream;
  stream_->set_events(*this);
  loop_.start_irregular_timer(timer_, settings_.interval);
}

void Agent::on_open() {
  open_ = true;
  if (!settings_.send.empty()) stream_->write(settings_.send);
}

void Agent::on_data(std::string_view bytes) {
  if (stream_ == nullptr) return;
  input_.append(bytes.substr(0, kMostAgentReply - input_.size()));
  read(false);
}

void Agent::on_end() {
  if (stream_ != nullptr) read(true);
}

void Agent::on_failure(const Error& error) {
  if (stream_ == nullptr) return;
  if (open_ && !input_.empty()) {
    read(true);
  } else if (open_) {
    fail(CheckStatus::kL7Response, "");
  } else {
    fail(error.code == Code::kConnectTimeout ? CheckStatus::kL4Timeout : CheckStatus::kL4Connection,
         error.system != 0 ? std::strerror(error.system) : "");
  }
}

void Agent::read(bool is_all) {
  if (is_all && input_.empty()) {
    fail(CheckStatus::kL7Response, "the agent said nothing");
    return;
  }
  const auto reply = parse_agent_reply(input_, is_all);
  if (!reply) return;
  ProbeResult result;
  result.verdict = reply->up.value_or(true) ? Verdict::kPassed : Verdict::kFailed;
  result.status = !reply->up   ? CheckStatus::kChecked
                  : *reply->up ? CheckStatus::kL7Ok
                               : CheckStatus::kL7Status;
  if (reply->up) result.code = 0;
  result.info = reply->told();
  result.reason = result.info.empty() ? "its agent says nothing of it" : result.info;
  finish(std::move(result), reply);
}

void Agent::fail(CheckStatus status, std::string info) {
  ProbeResult result;
  result.status = status;
  result.reason = result.info = std::move(info);
  finish(std::move(result), std::nullopt);
}

void Agent::finish(ProbeResult result, const std::optional<AgentReply>& reply) {
  result.latency = std::chrono::duration_cast<Microseconds>(loop_.now() - asked_);
  hang_up();
  loop_.start_irregular_timer(timer_, settings_.interval);
  events_.on_agent_said(result, reply);
}

void Agent::hang_up() {
  timer_.stop();
  if (stream_ == nullptr) return;
  stream_->close();
  loop_.bury(std::move(stream_));
}

}  // namespace reseal::health
