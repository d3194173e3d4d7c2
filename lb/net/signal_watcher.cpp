#include "lb/net/signal_watcher.h"

#include <uv.h>

namespace reseal::net {

struct SignalWatcher::Handle {
  uv_signal_t signal;
  SignalWatcher* owner;
};

SignalWatcher::SignalWatcher(Loop& loop, std::initializer_list<int> signals,
                             std::function<void(int)> on_signal)
    : loop_(loop), on_signal_(std::move(on_signal)) {
  for (const int number : signals) {
    auto* handle = new Handle{{}, this};
    uv_signal_init(loop.native(), &handle->signal);
    handle->signal.data = handle;
    uv_signal_start(
        &handle->signal,
        [](uv_signal_t* signal, int caught) noexcept {
          auto& owner = *static_cast<Handle*>(signal->data)->owner;
          const Loop::Turn turn(owner.loop_);
          owner.on_signal_(caught);
        },
        number);
    handles_.push_back(handle);
  }
}

SignalWatcher::~SignalWatcher() {
  for (Handle* handle : handles_) {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle->signal),
             [](uv_handle_t* closed) noexcept { delete static_cast<Handle*>(closed->data); });
  }
}

}  // namespace reseal::net
