// The access log of one worker: lines of its requests, kept per target until they fill a buffer or are 100 ms old,
// then handed over to the log thread. Writing one costs no system call and no allocation. Owner: the worker.
// Single thread.
#pragma once

#include <memory>
#include <vector>

#include "lb/net/loop.h"
#include "lb/stats/access_buffer.h"
#include "lb/stats/access_channel.h"
#include "lb/stats/log_format.h"

namespace reseal::proxy {

/// One log of a frontend. Immutable; shared by workers; any thread.
struct AccessLog {
  stats::LogFormat format;
  std::shared_ptr<stats::AccessChannel> channel;
  bool failed_handshakes = false;  ///< clients whose TLS handshake fails get a line too
};

class AccessLogs {
 public:
  /// `loop` is borrowed.
  explicit AccessLogs(net::Loop& loop);
  ~AccessLogs() { hand_over(); }
  AccessLogs(const AccessLogs&) = delete;
  AccessLogs& operator=(const AccessLogs&) = delete;

  void write(const AccessLog& log, const stats::AccessRecord& record);
  /// Everything that is kept, at once.
  void hand_over();
  /// The time of day `at`, a moment of Loop::now(); looks at the clock once a turn at most.
  [[nodiscard]] stats::WallTime wall_time(TimePoint at);

 private:
  stats::AccessBuffer& buffer_of(const AccessLog& log);
  void on_timer();

  net::Loop& loop_;
  net::Timer timer_;
  std::vector<std::unique_ptr<stats::AccessBuffer>> buffers_;  // one a channel; few
  stats::LogDate date_;
  TimePoint looked_at_{};  // the turn that wall_ belongs to
  stats::WallTime wall_{};
  bool has_lines_ = false;
};

}  // namespace reseal::proxy
