// What tests of a backend share: one worker's side of it on a loop of its own, with servers that may be reachable.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/backend.h"

namespace reseal::test {

struct NoReports final : backends::HealthReports {
  void on_server_suspect(const std::shared_ptr<backends::ServerState>&, std::string) override {}
  void on_server_outlier(const std::shared_ptr<backends::ServerState>&, std::string) override {}
};

struct NothingEnds final : backends::EndingStreamsOwner {
  void on_streams_ended() override {}
};

/// One worker's loop and its side of a backend.
struct BackendBench {
  explicit BackendBench(std::shared_ptr<const backends::Backend> backend, int worker = 0)
      : services{loop, log, reports, ending, worker}, random(static_cast<std::uint64_t>(worker) + 1) {
    const net::Loop::Turn turn(loop);
    local = std::make_unique<backends::LocalBackend>(std::move(backend), services, random, nullptr);
  }
  ~BackendBench() {
    const net::Loop::Turn turn(loop);
    local.reset();
  }
  net::Loop loop;
  Log log{Log::Level::kOff};
  NoReports reports;
  NothingEnds nothing_ends;
  backends::EndingStreams ending{loop, nothing_ends};
  backends::PoolServices services;
  Random random;
  std::unique_ptr<backends::LocalBackend> local;
};

/// A port on which connections are accepted, by the kernel alone until somebody is to be answered; without `listens` they
/// are refused.
class Port {
 public:
  explicit Port(bool listens = true) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(name);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&name), length) == 0);
    if (listens) REQUIRE(::listen(fd_, 128) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &length) == 0);
    number_ = ntohs(name.sin_port);
  }
  ~Port() {
    for (const auto& connection : accepted_) ::close(connection.first);
    ::close(fd_);
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  [[nodiscard]] std::uint16_t number() const { return number_; }
  /// Answers the request for `target`; false: it has not come yet.
  bool answer(const std::string& target) {
    for (int fd = -1; (fd = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;)
      accepted_.emplace_back(fd, "");
    for (auto& [fd, bytes] : accepted_) {
      std::array<char, 4096> buffer{};
      for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) > 0;)
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
      if (!bytes.starts_with("GET " + target + " ")) continue;
      bytes.clear();
      constexpr std::string_view kReply = "HTTP/1.1 204 No Content\r\n\r\n";
      return ::write(fd, kReply.data(), kReply.size()) == static_cast<ssize_t>(kReply.size());
    }
    return false;
  }

 private:
  std::vector<std::pair<int, std::string>> accepted_;
  int fd_;
  std::uint16_t number_ = 0;
};

/// Runs the loop until `done()` holds; fails when that does not come true.
template <class Done>
void run_until(net::Loop& loop, Done done) {
  struct Watch {
    Watch(net::Loop& of, Done& condition)
        : loop(of), done(condition), timer(net::Timer::bind<&Watch::look>(this)) {
      const net::Loop::Turn turn(loop);
      loop.start_timer(timer, Duration(1));
    }
    void look() {
      came_true = done();
      if (came_true || ++looks == 10'000) {
        loop.stop();
      } else {
        loop.start_timer(timer, Duration(1));
      }
    }
    net::Loop& loop;
    Done& done;
    net::Timer timer;
    int looks = 0;
    bool came_true = false;
  } watch(loop, done);
  loop.run();
  REQUIRE(watch.came_true);
}

}  // namespace reseal::test
