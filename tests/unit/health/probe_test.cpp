#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "health_test_support.h"

using namespace reseal;
using namespace reseal::health;
using namespace reseal::test;

namespace {

config::Check http_check() {
  config::Check check;
  check.path = "/healthz";
  check.timeout = Duration(5000);
  return check;
}

/// Runs the probe to its end; the result, which came exactly once.
ProbeResult run_http(net::Loop& loop, const config::Check& check, const net::Address& address,
                     bool is_up = true) {
  Outcome outcome;
  Probe probe(loop, plan_of(check, address), {check.timeout, {}}, nullptr, outcome);
  {
    const net::Loop::Turn turn(loop);
    probe.start(is_up, "UP");
    CHECK(outcome.count == 0);
  }
  REQUIRE(run_until(loop, [&] { return outcome.count != 0; }));
  run_for(loop, Duration(2));
  CHECK(outcome.count == 1);
  return outcome.result;
}

ProbeResult run_tcp(net::Loop& loop, const net::Address& address) {
  config::Check check = http_check();
  check.kind = config::CheckKind::kTcp;
  return run_http(loop, check, address);
}

}  // namespace

TEST_CASE("an HTTP probe judges the status and says what it saw") {
  struct Case {
    const char* name;
    std::string reply;
    std::vector<std::pair<int, int>> expected;
    Verdict verdict;
    std::string reason;
  };
  const std::vector<std::pair<int, int>> usual = {{200, 399}};
  const std::string closed = "the server closed the connection ";
  for (const Case& c : {
           Case{"ok", http_reply("200 OK"), usual, Verdict::kPassed, "HTTP 200"},
           Case{"the range's end", http_reply("399 x"), usual, Verdict::kPassed, "HTTP 399"},
           Case{"past the range", http_reply("400 x"), usual, Verdict::kFailed, "HTTP 400, expected 200-399"},
           Case{"no content", "HTTP/1.1 204 No Content\r\n\r\n", usual, Verdict::kPassed, "HTTP 204"},
           Case{
               "several ranges", http_reply("302 x"), {{200, 200}, {301, 302}}, Verdict::kPassed, "HTTP 302"},
           Case{"in none of them",
                http_reply("303 x"),
                {{200, 200}, {301, 302}},
                Verdict::kFailed,
                "HTTP 303, expected 200,301-302"},
           Case{"unavailable", http_reply("503 x"), usual, Verdict::kFailed, "HTTP 503, expected 200-399"},
           Case{
               "an error that is asked for", http_reply("503 x"), {{503, 503}}, Verdict::kPassed, "HTTP 503"},
           Case{"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nbody", usual, Verdict::kPassed, "HTTP 200"},
           Case{"an interim response is not the answer",
                "HTTP/1.1 100 Continue\r\n\r\n" + http_reply("500 x"), usual, Verdict::kFailed,
                "HTTP 500, expected 200-399"},
           Case{"a body of which the head says more than comes",
                "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nx", usual, Verdict::kPassed, "HTTP 200"},
           Case{"half a head", "HTTP/1.1 200 OK\r\n", usual, Verdict::kFailed,
                closed + "within the response head"},
           Case{"a head without end", "HTTP/1.1 200 OK\r\nX: " + std::string(200000, 'x'), usual,
                Verdict::kFailed, "head too large"},
       }) {
    INFO(c.name);
    net::Loop loop;
    ScriptedServer server(loop, c.reply);
    config::Check check = http_check();
    check.expect_status = c.expected;
    const ProbeResult result = run_http(loop, check, server.address());
    CHECK(result.verdict == c.verdict);
    CHECK(result.reason == c.reason);
    CHECK(result.latency.count() > 0);
  }
}

TEST_CASE("what is no HTTP is a failure in words") {
  for (const char* reply :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "\x15\x03\x01\x00\x02\x02\x16\r\n\r\n", "HTTP/1.1 20 x\r\n\r\n"}) {
    net::Loop loop;
    ScriptedServer server(loop, reply);
    const ProbeResult result = run_http(loop, http_check(), server.address());
    CHECK(result.verdict == Verdict::kFailed);
    CHECK_FALSE(result.reason.empty());
  }
}

TEST_CASE("the request names what was configured and closes the connection after it") {
  struct Case {
    const char *method, *host, *start;
  };
  for (const Case& c : {
           Case{"GET", "", "GET /healthz HTTP/1.1\r\nHost: web.internal\r\n"},
           Case{"HEAD", "health.example", "HEAD /healthz HTTP/1.1\r\nHost: health.example\r\n"},
           Case{"OPTIONS", "", "OPTIONS /healthz HTTP/1.1\r\nHost: web.internal\r\n"},
       }) {
    net::Loop loop;
    ScriptedServer server(loop, http_reply("200 OK"));
    config::Check check = http_check();
    check.method = c.method;
    check.host = c.host;
    CHECK(run_http(loop, check, server.address()).verdict == Verdict::kPassed);
    REQUIRE(server.requests.size() == 1);
    const std::string& request = server.requests.front();
    CHECK(request.starts_with(c.start));
    CHECK(request.find("\r\nUser-Agent: reseal-health-check\r\n") != std::string::npos);
    CHECK(request.find("\r\nConnection: close\r\n") != std::string::npos);
  }
}

TEST_CASE("a server that refuses connections fails either kind of probe") {
  net::Loop loop;
  ScriptedServer server(loop, "");
  server.stop();
  for (const ProbeResult& result :
       {run_http(loop, http_check(), server.address()), run_tcp(loop, server.address())}) {
    CHECK(result.verdict == Verdict::kFailed);
    CHECK(result.reason == "connection refused");
  }
}

TEST_CASE("a TCP probe is content with a connection") {
  net::Loop loop;
  ScriptedServer server(loop, "");
  const ProbeResult result = run_tcp(loop, server.address());
  CHECK(result.verdict == Verdict::kPassed);
  CHECK(result.reason == "connected");
  CHECK(server.requests.empty());
}

TEST_CASE("a server that does not answer fails the probe at its timeout") {
  net::Loop loop;
  ScriptedServer server(loop, "");
  config::Check check = http_check();
  check.timeout = Duration(20);
  const ProbeResult result = run_http(loop, check, server.address());
  CHECK(result.verdict == Verdict::kFailed);
  CHECK(result.reason == "no complete answer within 20 ms");
}

TEST_CASE("a loop that was busy past the timeout does not hold that against the server") {
  net::Loop loop;
  ScriptedServer server(loop, http_reply("200 OK"));
  config::Check check = http_check();
  check.timeout = Duration(20);
  Outcome outcome;
  Probe probe(loop, plan_of(check, server.address()), {check.timeout, {}}, nullptr, outcome);
  {
    const net::Loop::Turn turn(loop);
    probe.start(true, "");
  }
  for (const TimePoint end = Clock::now() + Duration(150); Clock::now() < end;) continue;
  REQUIRE(run_until(loop, [&] { return outcome.count != 0; }));
  CHECK(outcome.result.reason == "HTTP 200");
}

TEST_CASE("without a file descriptor nothing is said about the server") {
  net::Loop loop;
  ScriptedServer server(loop, http_reply("200 OK"));
  REQUIRE(run_http(loop, http_check(), server.address()).verdict == Verdict::kPassed);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int lowest_free = ::dup(STDERR_FILENO);
  ::close(lowest_free);
  const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const ProbeResult http = run_http(loop, http_check(), server.address());
  const ProbeResult tcp = run_tcp(loop, server.address());
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(http.verdict == Verdict::kNotChecked);
  CHECK(http.reason.find("out of file descriptors") != std::string::npos);
  CHECK(tcp.verdict == Verdict::kNotChecked);
}

TEST_CASE("a closed probe reports nothing, in whatever state it was closed") {
  net::Loop loop;
  ScriptedServer server(loop, "");
  const config::Check check = http_check();
  for (const bool asked : {false, true}) {
    Outcome outcome;
    Probe probe(loop, plan_of(check, server.address()), {check.timeout, {}}, nullptr, outcome);
    const std::size_t requests = server.requests.size();
    {
      const net::Loop::Turn turn(loop);
      probe.start(true, "");
    }
    if (asked) REQUIRE(run_until(loop, [&] { return server.requests.size() > requests; }));
    {
      const net::Loop::Turn turn(loop);
      probe.close();
      probe.close();
    }
    run_for(loop, Duration(10));
    CHECK(outcome.count == 0);
  }
}
