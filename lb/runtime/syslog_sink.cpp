#include "lb/runtime/syslog_sink.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace reseal::runtime {
namespace {

constexpr int kPatience = 10;  // milliseconds that a full receiver is waited for

}  // namespace

Result<std::unique_ptr<LogSink>> SyslogSink::open(const config::AccessLog& log) {
  std::unique_ptr<SyslogSink> sink(new SyslogSink(log.delivery.ends_datagrams));
  if (log.target == config::AccessLogTarget::kSyslogUdp) {
    const auto addresses = net::Address::resolve(log.host, log.port);
    if (!addresses) return std::unexpected(addresses.error());
    sink->address_ = addresses->front();
    if (!sink->connect()) return fail(Code::kIo, Origin::kLocal, "cannot be reached", errno);
  } else {
    sink->path_ = log.path;
    (void)sink->connect();  // its server may be started later
  }
  return sink;
}

bool SyslogSink::connect() {
  net::Fd fd(::socket(is_udp() ? address_.family() : AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return false;
  int status = 0;
  if (is_udp()) {
    status = ::connect(fd.value(), address_.data(), address_.size());
  } else {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    status = ::connect(fd.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  if (status != 0) return false;
  fd_ = std::move(fd);
  return true;
}

int SyslogSink::send(std::string_view line) {
  bool waited = false;
  for (int attempt = 0;; ++attempt) {
    if (!fd_.is_open() && !connect()) return errno;
    if (::send(fd_.value(), line.data(), line.size(), MSG_NOSIGNAL) >= 0) return 0;
    const int error = errno;
    if (error == EAGAIN || error == ENOBUFS) {
      if (waited) return EAGAIN;
      pollfd ready{fd_.value(), POLLOUT, 0};
      (void)::poll(&ready, 1, kPatience);
      waited = true;
    } else if (attempt != 0) {
      return error;
    } else if (!is_udp()) {
      fd_.reset();
    }
    // UDP tells with this datagram how an earlier one fared (ECONNREFUSED): once more.
  }
}

LogSink::Outcome SyslogSink::write(std::string_view text) {
  Outcome outcome;
  while (outcome.taken < text.size()) {
    const std::size_t end = std::min(text.find('\n', outcome.taken), text.size());
    const int error =
        send(text.substr(outcome.taken, end - outcome.taken + (ends_lines_ && end < text.size() ? 1 : 0)));
    if (error == EAGAIN) break;
    if (error != 0) {
      outcome.error = error;
      ++outcome.failed;
    }
    outcome.taken = std::min(end + 1, text.size());
  }
  return outcome;
}

}  // namespace reseal::runtime
