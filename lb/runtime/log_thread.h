// The thread that writes access logs, so that neither a slow disk nor a stalled reader holds up a request
// (docs/decisions/0013). Takes what the workers hand over to its channels, in a loop of its own. Owner: the
// process; outlives the workers. Its methods belong to the control thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "lb/base/log.h"
#include "lb/net/loop.h"
#include "lb/net/mailbox.h"
#include "lb/runtime/log_sink.h"
#include "lb/stats/access_channel.h"
#include "lb/stats/snapshot.h"

namespace reseal::runtime {

class LogWriter;

class LogThread {
 public:
  /// `log` is borrowed and outlives it. The thread starts with the first channel.
  explicit LogThread(Log& log);
  /// Writes what has been handed over (a target that takes nothing has a second), then ends the thread.
  ~LogThread();
  LogThread(const LogThread&) = delete;
  LogThread& operator=(const LogThread&) = delete;

  /// The channel to a target: the one in use, or a new one whose target is opened now.
  Result<std::shared_ptr<stats::AccessChannel>> channel(const config::AccessLog& log);
  /// Files that were moved away are made anew (SIGUSR1).
  void reopen();
  /// Closes what neither a configuration nor a request uses any more.
  void close_unused();
  [[nodiscard]] std::vector<stats::AccessLogSnapshot> snapshot() const;

 private:
  struct Add {
    std::shared_ptr<stats::AccessChannel> channel;
    std::unique_ptr<LogSink> sink;
  };
  struct Remove {
    std::shared_ptr<stats::AccessChannel> channel;
  };
  struct Reopen {};
  struct End {};
  using Message = std::variant<Add, Remove, Reopen, End>;

  void start();
  void on_message(Message message);

  net::Loop loop_;
  std::unique_ptr<LogWriter> writer_;  // works on the thread
  net::Mailbox<Message> mailbox_;
  net::Wakeup lines_waiting_;
  std::map<std::string, std::shared_ptr<stats::AccessChannel>> channels_;  // by target
  std::thread thread_;
};

}  // namespace reseal::runtime
