#include "lb/net/listener.h"

#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>

namespace reseal::net {
namespace {

constexpr int kAcceptsPerTurn = 8;
constexpr Duration kPauseAfterFailure{100};

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
  close_handle();
}

void Listener::close_handle() {
  if (handle_ == nullptr) return;
  handle_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->poll),
           [](uv_handle_t* raw) noexcept { delete static_cast<Handle*>(raw->data); });
  handle_ = nullptr;
}

void Listener::pause() {
  paused_ = true;
  if (handle_ != nullptr) uv_poll_stop(&handle_->poll);
}

void Listener::resume() {
  if (handle_ == nullptr) return;
  paused_ = false;
  uv_poll_start(&handle_->poll, UV_READABLE, [](uv_poll_t* raw, int, int) noexcept {
    auto& handle = *static_cast<Handle*>(raw->data);
    const Loop::Turn turn(*handle.loop);
    if (handle.owner != nullptr) handle.owner->on_readable();
  });
}

void Listener::on_pause_over() {
  if (paused_) resume();
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
  paused_ = true;
  pause_timer_.stop();
  close_handle();
  socket_.reset();
}

}  // namespace reseal::net
