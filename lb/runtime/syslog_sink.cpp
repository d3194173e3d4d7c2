#include "lb/runtime/syslog_sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace reseal::runtime {
namespace {

constexpr int kInformational = 6;  // RFC 3164 4.1.1
constexpr int kPatience = 10;      // milliseconds that a full receiver is waited for
constexpr std::string_view kCutMark = "...";

/// Without the domain, as RFC 3164 4.1.2 wants it.
std::string host_name() {
  char name[256] = "";
  if (::gethostname(name, sizeof(name) - 1) != 0 || *name == '\0') return "localhost";
  return std::string(name).substr(0, std::strcspn(name, "."));
}

}  // namespace

SyslogSink::SyslogSink(const config::AccessLog& log)
    : priority_(fmt::format("<{}>", log.facility * 8 + kInformational)),
      sender_(fmt::format("{}[{}]: ", log.tag, ::getpid())) {}

Result<std::unique_ptr<LogSink>> SyslogSink::open(const config::AccessLog& log) {
  std::unique_ptr<SyslogSink> sink(new SyslogSink(log));
  if (log.target == config::AccessLogTarget::kSyslogUdp) {
    const auto addresses = net::Address::resolve(log.host, log.port);
    if (!addresses) return std::unexpected(addresses.error());
    sink->address_ = addresses->front();
    sink->sender_ = host_name() + " " + sink->sender_;
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
  datagram_.assign(priority_);
  datagram_.append(date_.rfc3164(std::chrono::floor<Microseconds>(std::chrono::system_clock::now())));
  datagram_.push_back(' ');
  datagram_.append(sender_);
  if (datagram_.size() + line.size() > kMostDatagram) {
    datagram_.append(line.substr(0, kMostDatagram - datagram_.size() - kCutMark.size())).append(kCutMark);
  } else {
    datagram_.append(line);
  }
  bool waited = false;
  for (int attempt = 0;; ++attempt) {
    if (!fd_.is_open() && !connect()) return errno;
    if (::send(fd_.value(), datagram_.data(), datagram_.size(), MSG_NOSIGNAL) >= 0) return 0;
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
    const int error = send(text.substr(outcome.taken, end - outcome.taken));
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
