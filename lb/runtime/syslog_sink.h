// Access log lines to a syslog server, one datagram each (RFC 3164), over UDP or a unix socket. Owner: the log
// thread.
#pragma once

#include "lb/net/address.h"
#include "lb/net/fd.h"
#include "lb/runtime/log_sink.h"
#include "lb/stats/log_date.h"

namespace reseal::runtime {

class SyslogSink final : public LogSink {
 public:
  /// The most bytes of one datagram, header included; a longer line is cut and ends with "...".
  static constexpr std::size_t kMostDatagram = 8192;

  /// A name is looked up here, once.
  static Result<std::unique_ptr<LogSink>> open(const config::AccessLog& log);

  Outcome write(std::string_view text) override;

 private:
  explicit SyslogSink(const config::AccessLog& log);
  [[nodiscard]] bool is_udp() const { return address_.family() != AF_UNSPEC; }
  /// A unix socket whose server was started anew must be connected again.
  bool connect();
  /// 0, or the errno of what went wrong; EAGAIN: not now.
  int send(std::string_view line);

  net::Address address_;  // of the UDP server; empty for a unix socket
  std::string path_;      // of the unix socket
  std::string priority_;  // "<134>"
  std::string sender_;    // "host tag[pid]: "; to a socket of this machine without the host
  net::Fd fd_;
  stats::LogDate date_;
  std::string datagram_;  // kept for its capacity
};

}  // namespace reseal::runtime
