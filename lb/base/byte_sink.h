// Where a protocol end writes: an output queue that somebody flushes at the end of the turn. Lets lb/http
// write into a connection without knowing sockets (net::ByteStream implements it; tests use MemorySink).
#pragma once

#include <string_view>

#include "lb/base/byte_queue.h"

namespace reseal {

class ByteSink {
 public:
  explicit ByteSink(BufferPool& pool) : output_(pool) {}
  virtual ~ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  /// The queue to append to. Calling it promises to append; the sink is flushed at the end of the turn, as
  /// one record and one system call where possible. Never calls back.
  ByteQueue& output() {
    if (!flush_scheduled_) {
      flush_scheduled_ = true;
      schedule_flush();
    }
    return output_;
  }
  void write(std::string_view bytes) {
    if (bytes.size() >= kBulk && output_.empty()) bytes.remove_prefix(take_bulk(bytes));
    if (!bytes.empty()) output().append(bytes);
  }

  /// Bytes accepted and not yet taken by the kernel. Over kHighWater the source should pause until
  /// on_drained.
  [[nodiscard]] virtual std::size_t unsent() const { return output_.size(); }
  static constexpr std::size_t kHighWater = 64 * 1024;
  [[nodiscard]] bool is_backed_up() const { return unsent() >= kHighWater; }

  /// What is worth a record of its own even if more follows in the same turn.
  static constexpr std::size_t kBulk = 8 * 1024;

 protected:
  virtual void schedule_flush() = 0;
  /// Takes what it can of at least kBulk bytes without their being copied to the queue, which is empty; returns how much.
  /// Never calls back.
  virtual std::size_t take_bulk(std::string_view) { return 0; }
  ByteQueue output_;
  bool flush_scheduled_ = false;
};

}  // namespace reseal
