// Checks of several steps against servers that do not play along: whatever they send, a failed check is all it costs.
#include <catch2/catch.hpp>

#include "health_test_support.h"
#include "lb/config/canned_checks.h"

using namespace reseal;
using namespace reseal::health;
using namespace reseal::test;
using config::CheckStatus;

namespace {

/// Says `piece` again and again, as fast as it is taken.
class EndlessServer final : public net::ListenerEvents {
 public:
  EndlessServer(net::Loop& loop, std::string first, std::string piece)
      : loop_(loop),
        first_(std::move(first)),
        piece_(std::move(piece)),
        address_(*net::Address::parse("127.0.0.1", 0)) {
    auto sockets = net::listen_tcp(address_, 1, {.backlog = 16});
    REQUIRE(sockets);
    address_ = net::bound_address(sockets->front().value());
    listener_ = std::make_unique<net::Listener>(loop, std::move(sockets->front()), *this);
  }
  ~EndlessServer() {
    const net::Loop::Turn turn(loop_);
    listener_.reset();
    for (auto& connection : connections_) connection->stream->close();
  }
  [[nodiscard]] const net::Address& address() const { return address_; }

 private:
  struct Connection final : net::StreamEvents {
    Connection(EndlessServer& s, net::Fd fd, const net::Address& peer)
        : server(s), stream(net::TcpStream::adopt(s.loop_, fd.release(), peer)) {
      stream->set_events(*this);
      stream->write(server.first_);
      fill();
    }
    void fill() {
      while (!stream->is_backed_up()) stream->write(server.piece_);
      stream->tell_when_drained();
    }
    void on_open() override {}
    void on_data(std::string_view) override {}
    void on_end() override {}
    void on_drained() override { fill(); }
    void on_failure(const Error&) override { stream->close(); }
    EndlessServer& server;
    std::unique_ptr<net::TcpStream> stream;
  };

  void on_connection(net::Fd fd, const net::Address& peer) override {
    connections_.push_back(std::make_unique<Connection>(*this, std::move(fd), peer));
  }
  void on_accept_paused(int) override {}

  net::Loop& loop_;
  std::string first_, piece_;
  net::Address address_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

ProbeResult run(net::Loop& loop, const config::Check& check, const net::Address& address, bool is_up = true) {
  Outcome outcome;
  Probe probe(loop, plan_of(check, address), {check.timeout, {}}, nullptr, outcome);
  {
    const net::Loop::Turn turn(loop);
    probe.start(is_up, "UP 1/2");
  }
  REQUIRE(run_until(loop, [&] { return outcome.count != 0; }));
  return outcome.result;
}

config::Check check_of(std::vector<config::CheckStep> steps) {
  config::Check check;
  check.kind = config::CheckKind::kSteps;
  check.steps = std::move(steps);
  check.timeout = Duration(5000);
  return check;
}

config::Check body_check(const std::string& pattern) {
  config::Check check;
  check.expect_body = pattern;
  check.timeout = Duration(5000);
  return check;
}

}  // namespace

TEST_CASE("an endless answer is judged by its first 16 KiB") {
  for (const auto& steps : {config::redis_check(), config::smtp_check()}) {
    net::Loop loop;
    EndlessServer server(loop, "", std::string(1000, 'x'));
    const ProbeResult result = run(loop, check_of(steps), server.address());
    CHECK(result.verdict == Verdict::kFailed);
    CHECK(result.info.size() < 2000);
  }
}

TEST_CASE("an endless body is judged by its first 16 KiB, an endless head is none") {
  net::Loop loop;
  EndlessServer body(loop, "HTTP/1.1 200 OK\r\n\r\nhello ", std::string(1000, 'x'));
  CHECK(run(loop, body_check("^hello x"), body.address()).verdict == Verdict::kPassed);
  const ProbeResult other = run(loop, body_check("mars"), body.address());
  CHECK(other.status == CheckStatus::kL7Response);
  CHECK(other.reason == "HTTP 200, but its body has no 'mars'");
  EndlessServer head(loop, "HTTP/1.1 200 OK\r\n", "X: " + std::string(1000, 'x') + "\r\n");
  const ProbeResult none = run(loop, body_check("x"), head.address());
  CHECK(none.status == CheckStatus::kL7Response);
}

TEST_CASE("a body that goes against an expectation of its absence fails at once") {
  net::Loop loop;
  config::CheckExpect no_error;
  no_error.kind = config::ExpectKind::kBodyPart;
  no_error.negated = true;
  no_error.pattern = "error";
  EndlessServer server(loop, "HTTP/1.1 200 OK\r\n\r\nan error", "x");
  const ProbeResult result = run(
      loop,
      check_of(
          {{config::CheckConnect{}, "", true}, {config::CheckRequest{}, "", false}, {no_error, "", false}}),
      server.address());
  CHECK(result.info == "HTTP check matched unwanted content");
}

TEST_CASE("404 excuses a server that is up, and none that is down") {
  net::Loop loop;
  ScriptedServer server(loop, http_reply("404 Not Found"));
  config::Check check;
  check.timeout = Duration(5000);
  check.drains_on_404 = true;
  CHECK(run(loop, check, server.address(), true).status == CheckStatus::kL7OkConditionally);
  CHECK(run(loop, check, server.address(), false).status == CheckStatus::kL7Status);
}

TEST_CASE(
    "a pattern that is none, and a second request on one connection, are told when the check is planned") {
  TrafficPath path;
  path.address = *net::Address::parse("127.0.0.1", 1);
  CHECK(make_check_plan(body_check("("), path).error().find("'('") != std::string::npos);
  const config::Check twice = check_of({{config::CheckConnect{}, "", true},
                                        {config::CheckRequest{}, "", false},
                                        {config::CheckRequest{}, "", false}});
  CHECK(make_check_plan(twice, path).error().find("a connection of its own") != std::string::npos);
  config::CheckConnect secured;
  secured.tls = true;
  CHECK_FALSE(make_check_plan(check_of({{secured, "", false}}), path));
}
