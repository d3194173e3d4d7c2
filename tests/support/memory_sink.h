// A ByteSink that keeps what was written, for tests of protocol ends: no socket, no loop, no flush.
#pragma once

#include <string>

#include "lb/base/byte_sink.h"

namespace reseal::test {

class MemorySink final : public ByteSink {
 public:
  explicit MemorySink(BufferPool& pool) : ByteSink(pool) {}

  /// Everything written since the last call, as if the kernel had taken it now.
  std::string take() {
    std::string text;
    while (!output_.empty()) {
      text.append(output_.front());
      output_.consume(output_.front().size());
    }
    flush_scheduled_ = false;
    return text;
  }
  /// Flushes asked for, at most one between two take()s.
  [[nodiscard]] int flushes() const { return flushes_; }

 private:
  void schedule_flush() override { ++flushes_; }
  int flushes_ = 0;
};

}  // namespace reseal::test
