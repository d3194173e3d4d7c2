#include "lb/cli/admin_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lb/base/log.h"
#include "lb/config/config_error.h"
#include "lb/net/listening_socket.h"

namespace reseal::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

/// When patience ends.
class Deadline {
 public:
  explicit Deadline(Milliseconds patience) : patience_(patience), end_(SteadyClock::now() + patience) {}
  [[nodiscard]] Milliseconds left() const {
    return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(end_ - SteadyClock::now()));
  }
  [[nodiscard]] std::string passed() const {
    return fmt::format("no answer within {} s; is reseal busy or stopped by a debugger? Its log may tell",
                       std::chrono::duration<double>(patience_).count());
  }

 private:
  Milliseconds patience_;
  SteadyClock::time_point end_;
};

std::string why_no_connection(const std::string& socket, int error) {
  switch (error) {
    case ENOENT:
      return fmt::format(
          "there is no socket {}: is reseal running? Name the right one with --socket PATH or -c FILE",
          socket);
    case ECONNREFUSED:  // a file that is no socket, too
      if (std::error_code ignored; !std::filesystem::is_socket(socket, ignored))
        return fmt::format("{} is not a socket", socket);
      return fmt::format("nobody answers at {}: reseal is not running (any more)", socket);
    case EACCES:
      return fmt::format("no permission for {}: be the user that runs reseal, or root", socket);
    default:
      return fmt::format("cannot connect to {}: {}", socket, std::strerror(error));
  }
}

/// The error is an errno value; EAGAIN: not within `patience` (its queue is full and not being served).
std::expected<net::Fd, int> connect_to(const std::string& socket, Milliseconds patience) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(name.sun_path)) return std::unexpected(ENAMETOOLONG);
  std::memcpy(name.sun_path, socket.c_str(), socket.size() + 1);
  net::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(errno);
  // Bounds connect() too. Zero would mean for ever.
  const auto wait = std::max<Milliseconds::rep>(1, patience.count());
  const timeval limit{.tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000};
  ::setsockopt(fd.value(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  while (::connect(fd.value(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0) {
    if (errno != EINTR) return std::unexpected(errno);
  }
  return fd;
}

/// Everything up to the end of the stream.
std::expected<std::string, std::string> read_all(int fd, const Deadline& deadline) {
  std::string all;
  std::array<char, 16 * 1024> buffer;
  while (true) {
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(deadline.left().count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return std::unexpected(deadline.passed());
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count == 0) return all;
    if (count > 0) {
      all.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return std::unexpected(
          fmt::format("the answer broke off: {}; has reseal ended?", std::strerror(errno)));
    }
  }
}

std::expected<AdminAnswer, std::string> understand(const std::string& wire, const std::string& socket) {
  if (wire.empty()) {
    return std::unexpected(
        fmt::format("{} ended the connection without an answer: has reseal ended, or too many "
                    "connections? Its log may tell",
                    socket));
  }
  const std::size_t end = std::min(wire.find('\n'), wire.size());
  const std::string word = wire.substr(0, end);
  std::string text = wire.substr(std::min(end + 1, wire.size()));
  if (word == "ok" || word == "refused") return AdminAnswer{word == "ok", std::move(text)};
  if (word == "unknown") {
    return std::unexpected("the running reseal is of another version and does not know the command:\n" +
                           text);
  }
  return std::unexpected(
      fmt::format("{} is not the socket of reseal: it answered '{}'", socket, escaped(word.substr(0, 40))));
}

}  // namespace

std::expected<std::string, std::string> socket_of(const Target& target) {
  if (!target.socket.empty()) return target.socket;
  if (target.config_file.empty()) return config::Admin().socket;
  const config::LoadResult loaded = config::load_file(target.config_file);
  if (loaded.configuration) return loaded.configuration->admin.socket;
  // A process may well run on the version before; only the file could tell where its socket is.
  std::string problems;
  for (const config::Problem& problem : loaded.problems) problems += config::render(problem);
  return std::unexpected(
      fmt::format("{} does not load, so it cannot tell the socket; a running reseal goes on as it "
                  "was. Correct the file, or name the socket with --socket PATH.\n{}",
                  target.config_file, problems));
}

std::expected<AdminAnswer, std::string> ask(const std::string& socket, const std::string& command,
                                            Milliseconds patience) {
  const Deadline deadline(patience);
  const auto fd = connect_to(socket, deadline.left());
  if (!fd) {
    return std::unexpected(fd.error() == EAGAIN ? deadline.passed() : why_no_connection(socket, fd.error()));
  }
  const std::string line = command + "\n";
  // A line is far smaller than a socket's buffer. If the other end has gone, the reading says so.
  ::send(fd->value(), line.data(), line.size(), MSG_NOSIGNAL);
  const auto wire = read_all(fd->value(), deadline);
  if (!wire) return std::unexpected(wire.error());
  return understand(*wire, socket);
}

bool is_alive(const std::string& socket) {
  const auto fd = connect_to(socket, Milliseconds(1000));
  return fd || (fd.error() != ENOENT && fd.error() != ECONNREFUSED);
}

}  // namespace reseal::cli
