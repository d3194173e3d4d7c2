#include "lb/net/mailbox.h"

#include <uv.h>

#include <cstdio>
#include <cstdlib>

namespace reseal::net {

struct Wakeup::Handle {
  uv_async_t async;
  Loop* loop;
  std::function<void()> on_wake;
};

Wakeup::Wakeup(Loop& loop, std::function<void()> on_wake)
    : handle_(new Handle{{}, &loop, std::move(on_wake)}) {
  const int status = uv_async_init(loop.native(), &handle_->async, [](uv_async_t* async) noexcept {
    auto& handle = *static_cast<Handle*>(async->data);
    const Loop::Turn turn(*handle.loop);
    // An uv_close() during this call leaves the handle valid until the close callback, so on_wake may end its
    // owner.
    if (handle.on_wake) handle.on_wake();
  });
  if (status != 0) {
    std::fputs("reseal: cannot create a wake-up handle (out of descriptors)\n", stderr);
    std::abort();
  }
  handle_->async.data = handle_;
}

Wakeup::~Wakeup() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->async),
           [](uv_handle_t* handle) noexcept { delete static_cast<Handle*>(handle->data); });
}

void Wakeup::notify() {
  uv_async_send(&handle_->async);
}

}  // namespace reseal::net
