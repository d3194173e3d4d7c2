#include "lb/net/listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstring>

namespace reseal::net {
namespace {

constexpr int kAcceptsPerTurn = 8;
constexpr Duration kPauseAfterFailure{100};

Error system_error(const char* detail, int number) {
  return {Code::kIo, Origin::kLocal, detail, number, 0, 0};
}

Result<Fd> bound_socket(const Address& address, bool shared) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(system_error("cannot create a socket", errno));
  const int on = 1;
  ::setsockopt(fd.value(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.family() == AF_INET6) ::setsockopt(fd.value(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (shared && ::setsockopt(fd.value(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) {
    return std::unexpected(system_error("cannot set SO_REUSEPORT", errno));
  }
  if (::bind(fd.value(), address.data(), address.size()) != 0) {
    return std::unexpected(system_error("cannot bind", errno));
  }
  return fd;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Address bound_address(int fd) {
  sockaddr_storage name{};
  socklen_t length = sizeof(name);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) return {};
  return Address::from(reinterpret_cast<const sockaddr*>(&name), length);
}

Result<std::vector<Fd>> listen_tcp(const Address& address, int count, int backlog) {
  Address actual = address;
  {
    // With SO_REUSEPORT a second process of the same user would silently share the port; this bind, without
    // it, fails if anybody is there. It also finds the port when the system is to choose.
    auto probe = bound_socket(address, false);
    if (!probe) return std::unexpected(probe.error());
    actual = bound_address(probe->value());
  }
  std::vector<Fd> sockets;
  for (int i = 0; i < count; ++i) {
    auto socket = bound_socket(actual, true);
    if (!socket) return std::unexpected(socket.error());
    if (::listen(socket->value(), backlog) != 0) return std::unexpected(system_error("cannot listen", errno));
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

Result<Fd> listen_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(name.sun_path)) {
    return std::unexpected(system_error("the socket's path is empty or longer than 107 bytes", ENAMETOOLONG));
  }
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  const auto* address = reinterpret_cast<const sockaddr*>(&name);
  {
    const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (probe.is_open() && ::connect(probe.value(), address, sizeof(name)) == 0) {
      return std::unexpected(system_error("another process answers on this socket", EADDRINUSE));
    }
    const bool nobody_answers = errno == ECONNREFUSED;
    struct stat status{};
    const bool exists = ::lstat(path.c_str(), &status) == 0;
    if (exists && !S_ISSOCK(status.st_mode)) {
      return std::unexpected(system_error("something that is no socket is in its place", ENOTSOCK));
    }
    if (exists && nobody_answers) ::unlink(path.c_str());  // left behind by a process that was killed
  }
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(system_error("cannot create a socket", errno));
  // The mode is right from the first moment: nobody can connect between bind and chmod.
  const mode_t old_mask = ::umask(0177);
  const int status = ::bind(fd.value(), address, sizeof(name));
  const int number = errno;
  ::umask(old_mask);
  if (status != 0) return std::unexpected(system_error("cannot bind", number));
  if (::listen(fd.value(), 64) != 0) return std::unexpected(system_error("cannot listen", errno));
  return fd;
}

struct Listener::Handle {
  uv_poll_t poll;
  Listener* owner;
  Loop* loop;
};

Listener::Listener(Loop& loop, Fd socket, ListenerEvents& events)
    : loop_(loop),
      events_(events),
      socket_(std::move(socket)),
      handle_(new Handle{{}, this, &loop}),
      pause_timer_(Timer::bind<&Listener::on_pause_over>(this)) {
  uv_poll_init(loop.native(), &handle_->poll, socket_.value());
  handle_->poll.data = handle_;
  resume();
}

Listener::~Listener() {
  handle_->owner = nullptr;
  uv_poll_stop(&handle_->poll);
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->poll),
           [](uv_handle_t* raw) noexcept { delete static_cast<Handle*>(raw->data); });
}

void Listener::pause() {
  paused_ = true;
  uv_poll_stop(&handle_->poll);
}

void Listener::resume() {
  paused_ = false;
  uv_poll_start(&handle_->poll, UV_READABLE, [](uv_poll_t* raw, int, int) noexcept {
    auto& handle = *static_cast<Handle*>(raw->data);
    const Loop::Turn turn(*handle.loop);
    if (handle.owner != nullptr) handle.owner->on_readable();
  });
}

void Listener::on_pause_over() {
  if (paused_ && socket_.is_open()) resume();
}

void Listener::on_readable() {
  accept_some(kAcceptsPerTurn);
}

int Listener::accept_some(int most) {
  int accepted = 0;
  while (accepted < most && !paused_) {
    sockaddr_storage name{};
    socklen_t length = sizeof(name);
    Fd fd(::accept4(socket_.value(), reinterpret_cast<sockaddr*>(&name), &length,
                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.is_open()) {
      const int number = errno;
      if (number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM) {
        pause();
        loop_.start_timer(pause_timer_, kPauseAfterFailure);
        events_.on_accept_paused(number);
      }
      // EAGAIN: none left. ECONNABORTED and the network errors of accept(2): that connection is gone, look
      // again later.
      return accepted;
    }
    ++accepted;
    events_.on_connection(std::move(fd), Address::from(reinterpret_cast<const sockaddr*>(&name), length));
  }
  return accepted;
}

void Listener::drain_and_close() {
  if (!socket_.is_open()) return;
  paused_ = false;
  while (accept_some(kAcceptsPerTurn) == kAcceptsPerTurn) {
  }
  pause();
  pause_timer_.stop();
  socket_.reset();
}

}  // namespace reseal::net
