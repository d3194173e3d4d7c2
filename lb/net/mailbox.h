// Messages to a loop from other threads: a locked vector and one wake-up. Messages posted in order arrive in
// order. Owner: the receiving loop's owner; post() is thread-safe, everything else belongs to the loop's
// thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "lb/net/loop.h"

namespace reseal::net {

/// A thread-safe way to have a function called on the loop's thread, at least once after each notify(); one call may serve several.
class Wakeup {
 public:
  Wakeup(Loop& loop, std::function<void()> on_wake);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  void notify();

 private:
  struct Handle;
  Handle* handle_;
};

template <class Message>
class Mailbox {
 public:
  /// `on_message` runs on the loop's thread, within a turn.
  Mailbox(Loop& loop, std::function<void(Message)> on_message)
      : on_message_(std::move(on_message)), wakeup_(loop, [this] { deliver(); }) {}

  void post(Message message) {
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(std::move(message));
    }
    wakeup_.notify();
  }

 private:
  void deliver() {
    std::vector<Message> messages;
    {
      const std::scoped_lock lock(mutex_);
      messages.swap(waiting_);
    }
    for (Message& message : messages) on_message_(std::move(message));
  }

  std::function<void(Message)> on_message_;
  std::mutex mutex_;
  std::vector<Message> waiting_;
  Wakeup wakeup_;
};

}  // namespace reseal::net
