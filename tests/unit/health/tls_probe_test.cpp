#include <catch2/catch.hpp>

#include "health/monitor.h"
#include "health_test_support.h"
#include "tls_server.h"

using namespace reseal;
using namespace reseal::health;
using namespace reseal::test;

namespace {

std::shared_ptr<const tls::ClientContext> trusting(const std::string& ca_file) {
  auto made = tls::ClientContext::create(
      {.ca = ca_file, .certificate = {}, .key = {}, .ciphers = {}, .ciphersuites = {}}, nullptr);
  REQUIRE(made);
  return *made;
}

tls::PeerIdentity named(const char* name) {
  return {name, name, "web/web1"};
}

TrafficPath path_to(const net::Address& address, const std::shared_ptr<const tls::ClientContext>& trust,
                    const tls::PeerIdentity& peer) {
  TrafficPath path;
  path.address = address;
  path.tls = trust;
  path.peer = peer;
  path.host = "web.internal";
  return path;
}

ProbeResult run(config::CheckKind kind, const TrafficPath& path) {
  net::Loop loop;
  Outcome outcome;
  config::Check check;
  check.kind = kind;
  const auto plan = make_check_plan(check, path);
  REQUIRE(plan);
  Probe probe(loop, *plan, {Duration(5000), {}}, nullptr, outcome);
  {
    const net::Loop::Turn turn(loop);
    probe.start(true, "");
  }
  REQUIRE(run_until(loop, [&] { return outcome.count != 0; }));
  return outcome.result;
}

constexpr auto kKinds = {config::CheckKind::kTcp, config::CheckKind::kHttp};

}  // namespace

TEST_CASE("a check over TLS verifies the server, whichever kind it is") {
  TlsServer server({});
  const auto trust = trusting(server.ca_file());
  const auto right = named("web.internal");
  const auto wrong = named("other.internal");
  for (const auto kind : kKinds) {
    const ProbeResult good = run(kind, path_to(server.address(), trust, right));
    CHECK(good.verdict == Verdict::kPassed);
    const int bytes = server.bytes;
    const ProbeResult bad = run(kind, path_to(server.address(), trust, wrong));
    CHECK(bad.verdict == Verdict::kFailed);
    CHECK(bad.reason.find("web.internal") != std::string::npos);
    CHECK(bad.reason.find("other.internal") != std::string::npos);
    CHECK(server.bytes == bytes);  // nothing was said to the stranger
  }
}

TEST_CASE("a check over TLS trusts the configured CA only") {
  TlsServer server({});
  TlsServer stranger({});
  const auto trust = trusting(stranger.ca_file());
  const auto peer = named("web.internal");
  for (const auto kind : kKinds) {
    const ProbeResult result = run(kind, path_to(server.address(), trust, peer));
    CHECK(result.verdict == Verdict::kFailed);
    CHECK(result.reason.find(stranger.ca_file()) != std::string::npos);
  }
  CHECK(server.bytes == 0);
}

TEST_CASE("a server that refuses our certificate after the handshake fails either kind of check") {
  TlsServer server({.asks_for_certificate = true});
  const auto trust = trusting(server.ca_file());
  const auto peer = named("web.internal");
  for (const auto kind : kKinds) {
    const ProbeResult result = run(kind, path_to(server.address(), trust, peer));
    CHECK(result.verdict == Verdict::kFailed);
    CHECK(result.reason.find("certificate") != std::string::npos);
  }
  CHECK(server.handshakes == 0);
}

TEST_CASE("checks resume sessions, but never one that was verified for another identity") {
  TlsServer server({});
  const auto trust = trusting(server.ca_file());
  net::Loop loop;
  Log log(Log::Level::kOff);
  Random random(1);
  Monitor monitor(loop, log, random);
  const auto state = std::make_shared<backends::ServerState>("web", "web1", server.address(), 1);
  config::Check check;
  check.interval = check.fast_interval = check.down_interval = Duration(5);
  check.timeout = Duration(5000);
  const auto apply = [&](const char* name) {
    const net::Loop::Turn turn(loop);
    MonitoredServer monitored;
    monitored.state = state;
    monitored.check = check;
    monitored.plan = *make_check_plan(check, path_to(server.address(), trust, named(name)));
    monitor.apply({monitored});
  };
  apply("web.internal");
  REQUIRE(run_until(loop, [&] { return server.resumed >= 2; }));
  CHECK(state->is_up());

  apply("other.internal");
  REQUIRE(run_until(loop, [&] { return !state->is_up(); }));
  const std::string reason = monitor.report(*state, loop.now()).reason;
  CHECK(reason.find("other.internal") != std::string::npos);

  apply("web.internal");
  CHECK(run_until(loop, [&] { return state->is_up(); }));
}
