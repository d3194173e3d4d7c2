// What the admin tests share: a process to be controlled that only takes notes, a blocking client, and the
// running of the loop while clients talk on threads of their own.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "lb/net/listening_socket.h"
#include "lb/net/mailbox.h"
#include "lb/runtime/control.h"
#include "tests/support/temporary_folder.h"

namespace reseal::admin {

/// A reload stays pending until the test answers it. Only the loop's thread touches it, except `snapshots`.
struct FakeControl final : runtime::Control {
  void reload(std::function<void(runtime::ReloadOutcome)> done) override { pending = std::move(done); }
  void stop() override { draining = true; }
  [[nodiscard]] stats::Snapshot snapshot() override {
    ++snapshots;
    stats::Snapshot snapshot;
    snapshot.version = "1.2.3";
    snapshot.warnings.emplace_back(padding, 'x');
    return snapshot;
  }
  void clear_counters(bool all) override { (all ? cleared : peaks_cleared)++; }
  [[nodiscard]] bool is_draining() const override { return draining; }

  std::function<void(runtime::ReloadOutcome)> pending;
  bool draining = false;
  int cleared = 0, peaks_cleared = 0;
  std::size_t padding = 0;  // makes every rendering of the statistics that long, at least
  std::atomic<int> snapshots = 0;
};

/// The other end of a connection, on a thread of its own.
class Client {
 public:
  /// Takes over a connected, blocking socket.
  explicit Client(net::Fd fd) : fd_(std::move(fd)) {}
  /// Sends all of it, in pieces of `piece` bytes; false when the peer does not take it any more.
  bool send(std::string_view bytes, std::size_t piece = 65536) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_.value(), bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void end() { ::shutdown(fd_.value(), SHUT_WR); }
  void close() { fd_.reset(); }
  /// Everything up to the peer's end, or up to and with `last`.
  std::string receive(std::string_view last = {}) {
    std::string all;
    std::array<char, 65536> buffer{};
    while (last.empty() || !all.ends_with(last)) {
      const ssize_t count = ::recv(fd_.value(), buffer.data(), buffer.size(), 0);
      if (count < 0) return all + "<failed>";
      if (count == 0) break;
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  net::Fd fd_;
};

/// A folder of its own for a unix socket.
class UnixFolder {
 public:
  [[nodiscard]] std::string path() const { return folder_.path("admin.sock"); }
  [[nodiscard]] Client connect() const {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path().copy(name.sun_path, sizeof(name.sun_path) - 1);
    net::Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    ::connect(fd.value(), reinterpret_cast<const sockaddr*>(&name), sizeof(name));
    return Client(std::move(fd));
  }

 private:
  test::TemporaryFolder folder_;
};

/// Runs `loop` while `work` runs on another thread, and until it is done. Only one of the two threads may
/// CHECK: `work`.
inline void serve_during(net::Loop& loop, const std::function<void()>& work) {
  std::signal(SIGPIPE, SIG_IGN);  // as the process does: clients may go at any moment
  net::Wakeup done(loop, [&] { loop.stop(); });
  std::thread thread([&] {
    work();
    done.notify();
  });
  loop.run();
  thread.join();
}

}  // namespace reseal::admin
