#include "lb/net/peer_watch.h"

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include <utility>

namespace reseal::net {

struct PeerWatch::Handle {
  uv_poll_t poll;
  PeerWatchEvents* events;  // null once it has told, or nobody wants to know any more
  Loop* loop;
  int fd;
};

PeerWatch::PeerWatch(Loop& loop, int socket, PeerWatchEvents& events) {
  // libuv wants one handle a descriptor. dup() and no F_DUPFD_CLOEXEC, which ThreadSanitizer does not follow.
  const int fd = ::dup(socket);
  if (fd < 0) return;
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  handle_ = new Handle{{}, &events, &loop, fd};
  if (uv_poll_init(loop.native(), &handle_->poll, fd) != 0) {
    ::close(fd);
    delete std::exchange(handle_, nullptr);
    return;
  }
  handle_->poll.data = handle_;
  uv_poll_start(&handle_->poll, UV_DISCONNECT, [](uv_poll_t* poll, int status, int) noexcept {
    auto& handle = *static_cast<Handle*>(poll->data);
    const Loop::Turn turn(*handle.loop);
    uv_poll_stop(poll);
    // libuv reports an error of the socket, which a reset is, by a status.
    if (PeerWatchEvents* told = std::exchange(handle.events, nullptr)) told->on_peer_ended(status < 0);
  });
}

PeerWatch::~PeerWatch() {
  if (handle_ == nullptr) return;
  handle_->events = nullptr;
  const int fd = handle_->fd;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->poll),
           [](uv_handle_t* raw) noexcept { delete static_cast<Handle*>(raw->data); });
  ::close(fd);  // after uv_close(), which takes the number out of the loop's epoll
}

}  // namespace reseal::net
