// The access log of one worker: lines of its requests, kept per target until they fill a buffer or are 100 ms old,
// then handed over to the log thread. Writing one costs no system call and no allocation. Owner: the worker.
// Single thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lb/net/loop.h"
#include "lb/stats/access_buffer.h"
#include "lb/stats/access_channel.h"
#include "lb/stats/log_format.h"
#include "lb/stats/log_target.h"

namespace reseal::proxy {

/// One log of a frontend. Immutable; shared by workers; any thread.
struct AccessLog {
  stats::LogFormat format;
  stats::LogTarget target;
  /// Of RFC 5424, where the target's form has such.
  std::optional<stats::HaproxyFormat> structured_data{};
  bool failed_handshakes = false;  ///< clients whose TLS handshake fails get a line too

  /// stats::LogNeeds of all that is written.
  [[nodiscard]] std::uint8_t needs() const {
    return static_cast<std::uint8_t>(format.needs() | (structured_data ? structured_data->needs() : 0));
  }
};

class AccessLogs {
 public:
  /// `loop` is borrowed.
  explicit AccessLogs(net::Loop& loop);
  ~AccessLogs() { hand_over(); }
  AccessLogs(const AccessLogs&) = delete;
  AccessLogs& operator=(const AccessLogs&) = delete;

  void write(const AccessLog& log, const stats::AccessRecord& record,
             stats::LogLevel level = stats::LogLevel::kInformational);
  /// A line that is no format's.
  void write_text(const stats::LogTarget& target, std::string_view text, stats::LogLevel level);
  /// What a format makes of a record, in `room`.
  std::string_view text(const stats::HaproxyFormat& format, const stats::AccessRecord& record,
                        std::span<char> room);
  /// "25/Nov/2026:12:38:01.123"; valid until the next line.
  std::string_view haproxy_date(stats::WallTime time) { return date_.haproxy(time); }
  /// Everything that is kept, at once.
  void hand_over();
  /// The time of day `at`, a moment of Loop::now(); looks at the clock once a turn at most.
  [[nodiscard]] stats::WallTime wall_time(TimePoint at);

 private:
  stats::AccessBuffer& buffer_of(const stats::LogTarget& target);
  void begin_timer();
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
