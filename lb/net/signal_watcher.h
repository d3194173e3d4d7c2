// Signals as calls on a loop. Owner: the process (control thread).
#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include "lb/net/loop.h"

namespace reseal::net {

class SignalWatcher {
 public:
  /// `on_signal` is called with the signal's number, within a turn of `loop`, for each of `signals`.
  SignalWatcher(Loop& loop, std::initializer_list<int> signals, std::function<void(int)> on_signal);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  struct Handle;
  Loop& loop_;
  std::function<void(int)> on_signal_;
  std::vector<Handle*> handles_;
};

}  // namespace reseal::net
