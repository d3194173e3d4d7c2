// What all threads know of one backend as a whole: its limits, its queue, whether it panics. Shared memory
// (docs/decisions/0014). Found again after a reload by the backend's name, so requests that wait stay where they are.
#pragma once

#include <atomic>

#include "backends/limit.h"
#include "backends/wait_queue.h"

namespace reseal::backends {

struct BackendState {
  Limit requests;  ///< in flight at its servers; counted only while the limit is set
  /// Requests that wait or are served; counted only where limits go by it (load_limit.h).
  std::atomic<std::uint32_t> load{0};
  Limit connections;  ///< to its servers, open or being opened; always counted
  WaitQueue queue;
  /// Too few servers are up (panic_threshold): all of them get requests. Written by the health monitor.
  std::atomic<bool> panics{false};
};

}  // namespace reseal::backends
