#include "lb/cli/admin_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "lb/config/config_error.h"
#include "lb/net/listener.h"

namespace reseal::cli {
namespace {

std::string why_no_connection(const std::string& socket, int error) {
  switch (error) {
    case ENOENT:
      return fmt::format("there is no socket {}: is reseal running? Name the right one with --socket PATH or -c FILE", socket);
    case ECONNREFUSED: return fmt::format("nobody answers at {}: reseal is not running (any more)", socket);
    case EACCES: return fmt::format("no permission for {}: use the user that runs reseal, or root", socket);
    default: return fmt::format("cannot connect to {}: {}", socket, std::strerror(error));
  }
}

std::expected<net::Fd, int> connect_to(const std::string& socket) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(name.sun_path)) return std::unexpected(ENAMETOOLONG);
  std::memcpy(name.sun_path, socket.c_str(), socket.size() + 1);
  net::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(errno);
  if (::connect(fd.value(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0) return std::unexpected(errno);
  return fd;
}

/// Everything up to the end of the stream, or nothing if that takes too long.
std::expected<std::string, std::string> read_all(int fd, int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::string all;
  char buffer[16 * 1024];
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{fd, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return std::unexpected(fmt::format("no answer within {} s; look at the log of reseal", seconds));
    }
    const ssize_t count = ::read(fd, buffer, sizeof(buffer));
    if (count == 0) return all;
    if (count < 0 && errno != EINTR) return std::unexpected(fmt::format("reading the answer: {}", std::strerror(errno)));
    if (count > 0) all.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace

std::expected<std::string, std::string> socket_of(const Target& target) {
  if (!target.socket.empty()) return target.socket;
  if (target.config_file.empty()) return config::Admin().socket;
  const config::LoadResult loaded = config::load_file(target.config_file);
  if (loaded.configuration) return loaded.configuration->admin.socket;
  // The file may be broken while the process runs on the version before: `reload` is how one finds out.
  return std::unexpected(fmt::format("{} does not load, so it cannot tell the socket; name it with --socket PATH, or see "
                                     "`reseal check -c {}`", target.config_file, target.config_file));
}

std::expected<AdminAnswer, std::string> ask(const std::string& socket, const std::string& command, int seconds) {
  const auto fd = connect_to(socket);
  if (!fd) return std::unexpected(why_no_connection(socket, fd.error()));
  const std::string line = command + "\n";
  if (::send(fd->value(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    return std::unexpected(fmt::format("sending to {}: {}", socket, std::strerror(errno)));
  }
  const auto all = read_all(fd->value(), seconds);
  if (!all) return std::unexpected(all.error());
  const std::size_t end = all->find('\n');
  if (end == std::string::npos) return std::unexpected("the answer is empty; is this the socket of reseal?");
  return AdminAnswer{all->substr(0, end) == "ok", all->substr(end + 1)};
}

bool is_answering(const std::string& socket) { return connect_to(socket).has_value(); }

}  // namespace reseal::cli
