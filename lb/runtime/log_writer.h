// What the log thread does: takes lines from channels, writes them to their sinks, tries again where a target was
// full, says once what is wrong. Owner: the LogThread; runs on its thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lb/base/log.h"
#include "lb/net/loop.h"
#include "lb/runtime/log_sink.h"
#include "lb/stats/access_channel.h"

namespace reseal::runtime {

class LogWriter {
 public:
  /// Both are borrowed.
  LogWriter(net::Loop& loop, Log& log);

  void add(std::shared_ptr<stats::AccessChannel> channel, std::unique_ptr<LogSink> sink);
  /// Writes what is left for it, then closes its target.
  void remove(const std::shared_ptr<stats::AccessChannel>& channel);
  void reopen();
  /// Writes what waits, as far as the targets take it.
  void write();
  /// The same at the end: targets that take nothing are waited for, all together no longer than a second.
  void finish();

 private:
  struct Target {
    std::shared_ptr<stats::AccessChannel> channel;
    std::unique_ptr<LogSink> sink;
    std::string text;       // taken from the channel
    std::size_t begin = 0;  // of what is not written yet
    int error = 0;          // of the last write
    std::uint64_t lost_before_error = 0;
    std::uint64_t dropped_told = 0;
    TimePoint dropped_told_at{};
  };

  /// True if everything that waits for this target is written.
  bool write(Target& target);
  void finish(Target& target, TimePoint deadline);
  void report_error(Target& target, const LogSink::Outcome& outcome);
  void report_dropped(Target& target);

  net::Loop& loop_;
  Log& log_;
  net::Timer retry_;
  std::vector<std::unique_ptr<Target>> targets_;
};

}  // namespace reseal::runtime
