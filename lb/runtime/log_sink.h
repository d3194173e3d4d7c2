// Where access log lines end up: a file, a stream that was inherited, a syslog server. Writing never waits for a
// reader (a file system may still take its time). Owner: the log thread, after it was opened by the control thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lb/base/error.h"
#include "lb/config/model.h"

namespace reseal::runtime {

class LogSink {
 public:
  struct Outcome {
    std::size_t taken = 0;  ///< bytes that need not be offered again; less than all: the target is full now
    std::uint64_t failed = 0;  ///< lines among them that are lost
    int error = 0;             ///< why (errno); 0: nothing is lost
  };

  virtual ~LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  /// `text`: whole lines, or the rest of those that were not taken before.
  virtual Outcome write(std::string_view text) = 0;
  /// A file that was moved away is made anew; when that fails, the old one goes on being written. Nothing for
  /// targets that are no files.
  virtual Result<void> reopen() { return {}; }

 protected:
  LogSink() = default;
};

/// Opens the target (blocking; a name is looked up). The error's detail and system number say what failed.
Result<std::unique_ptr<LogSink>> open_log_sink(const config::AccessLog& log);
/// The same without opening: whether it would probably work.
Result<void> check_log_target(const config::AccessLog& log);

}  // namespace reseal::runtime
