// For tests of probes and the monitor: running a loop until something holds, and a scripted plain server on
// that loop.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "health/probe.h"
#include "lb/net/listener.h"
#include "lb/net/listening_socket.h"
#include "lb/net/loop.h"
#include "lb/net/tcp_stream.h"

namespace reseal::test {

/// Runs `loop` until `done` holds; false when it still does not after ten seconds.
class RunUntil {
 public:
  RunUntil(net::Loop& loop, std::function<bool()> done)
      : loop_(loop), done_(std::move(done)), tick_(net::Timer::bind<&RunUntil::on_tick>(this)) {
    {
      const net::Loop::Turn turn(loop_);
      deadline_ = loop_.now() + Duration(10000);
      loop_.start_timer(tick_, Duration(0));
    }
    loop_.run();
  }
  [[nodiscard]] bool reached() const { return reached_; }

 private:
  void on_tick() {
    reached_ = done_();
    if (reached_ || loop_.now() > deadline_) {
      loop_.stop();
    } else {
      loop_.start_timer(tick_, Duration(1));
    }
  }
  net::Loop& loop_;
  std::function<bool()> done_;
  net::Timer tick_;
  TimePoint deadline_;
  bool reached_ = false;
};

inline bool run_until(net::Loop& loop, std::function<bool()> done) {
  return RunUntil(loop, std::move(done)).reached();
}

/// The plan of `check` for a server in plaintext at `address`.
inline std::shared_ptr<const health::CheckPlan> plan_of(const config::Check& check,
                                                        const net::Address& address) {
  health::TrafficPath path;
  path.address = address;
  path.host = "web.internal";
  auto plan = health::make_check_plan(check, path);
  REQUIRE(plan);
  return *plan;
}

/// What a probe said, and how often it said something.
struct Outcome final : health::ProbeEvents {
  void on_probe_done(const health::ProbeResult& r) override {
    result = r;
    ++count;
  }
  health::ProbeResult result;
  int count = 0;
};

/// Lets `time` pass on the loop, for what must not happen meanwhile.
inline void run_for(net::Loop& loop, Duration time) {
  const TimePoint end = Clock::now() + time;
  run_until(loop, [end] { return Clock::now() >= end; });
}

/// Answers each request with `reply` and ends the connection; an empty reply never answers.
class ScriptedServer final : public net::ListenerEvents {
 public:
  ScriptedServer(net::Loop& loop, std::string first_reply)
      : reply(std::move(first_reply)), loop_(loop), address_(*net::Address::parse("127.0.0.1", 0)) {
    auto sockets = net::listen_tcp(address_, 1, {.backlog = 16});
    REQUIRE(sockets);
    address_ = net::bound_address(sockets->front().value());
    listener_ = std::make_unique<net::Listener>(loop, std::move(sockets->front()), *this);
  }
  ~ScriptedServer() { stop(); }

  [[nodiscard]] const net::Address& address() const { return address_; }
  /// From now on connections are refused.
  void stop() {
    const net::Loop::Turn turn(loop_);
    listener_.reset();
    for (auto& connection : connections_) connection->stream->close();
  }

  /// Answers what has been waiting for an answer, and from now on everything.
  void answer_with(const std::string& text) {
    const net::Loop::Turn turn(loop_);
    reply = text;
    for (auto& connection : connections_) connection->answer();
  }

  std::string reply;
  std::vector<std::string> requests;
  int connections = 0;

 private:
  struct Connection final : net::StreamEvents {
    Connection(ScriptedServer& s, net::Fd fd, const net::Address& peer)
        : server(s), stream(net::TcpStream::adopt(s.loop_, fd.release(), peer)) {
      stream->set_events(*this);
    }
    void on_open() override {}
    void on_data(std::string_view bytes) override {
      request += bytes;
      if (!request.ends_with("\r\n\r\n")) return;
      server.requests.push_back(request);
      if (!server.reply.empty()) answer();
    }
    void answer() {
      stream->write(server.reply);
      stream->end();
    }
    void on_end() override {
      if (!server.reply.empty()) stream->end();
    }
    void on_drained() override {}
    void on_failure(const Error&) override { stream->close(); }
    ScriptedServer& server;
    std::unique_ptr<net::TcpStream> stream;
    std::string request;
  };

  void on_connection(net::Fd fd, const net::Address& peer) override {
    ++connections;
    connections_.push_back(std::make_unique<Connection>(*this, std::move(fd), peer));
  }
  void on_accept_paused(int) override {}

  net::Loop& loop_;
  net::Address address_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

inline std::string http_reply(const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nok";
}

}  // namespace reseal::test
