// Access log lines to a syslog server, one datagram each, over UDP or a unix socket; their headers are written already.
// Owner: the log thread.
#pragma once

#include "lb/net/address.h"
#include "lb/net/fd.h"
#include "lb/runtime/log_sink.h"

namespace reseal::runtime {

class SyslogSink final : public LogSink {
 public:
  /// A name is looked up here, once.
  static Result<std::unique_ptr<LogSink>> open(const config::AccessLog& log);

  Outcome write(std::string_view text) override;

 private:
  explicit SyslogSink(bool ends_lines) : ends_lines_(ends_lines) {}
  [[nodiscard]] bool is_udp() const { return address_.family() != AF_UNSPEC; }
  /// A unix socket whose server was started anew must be connected again.
  bool connect();
  /// 0, or the errno of what went wrong; EAGAIN: not now.
  int send(std::string_view line);

  net::Address address_;  // of the UDP server; empty for a unix socket
  std::string path_;      // of the unix socket
  bool ends_lines_;       // datagrams have the line feed, too
  net::Fd fd_;
};

}  // namespace reseal::runtime
