// A kernel pipe, through which bytes go from one socket to another without being copied into this process (splice(2)).
//
// Owner: the loop, which has one and lends it for as long as one call takes: it is filled from one socket and emptied into
// another, so that no bytes ever wait in it. One that is not empty all the same is closed, never lent again. Single
// thread.
#pragma once

#include <cstddef>
#include <memory>

#include "lb/base/byte_queue.h"

namespace reseal::net {

class Pipe {
 public:
  /// Null: none is to be had (descriptors, memory).
  static std::unique_ptr<Pipe> open();
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  /// Takes what the socket has received, as far as it fits: how much, 0 at the peer's end, or the negative errno.
  std::ptrdiff_t fill(int socket);
  /// Gives the socket what it takes: how much, or the negative errno.
  std::ptrdiff_t drain(int socket);
  /// What fill() or drain() returned says nothing of the socket: the kernel does not splice here, or not now.
  static bool is_refusal(std::ptrdiff_t result);
  /// Copies all of it to the back of `queue`.
  void read_into(ByteQueue& queue);
  /// Bytes in it.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  Pipe(int out, int in) : out_(out), in_(in) {}

  const int out_;
  const int in_;
  std::size_t size_ = 0;
};

}  // namespace reseal::net
