#include "lb/runtime/file_log_sink.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace reseal::runtime {
namespace {

constexpr mode_t kMode = 0640;
constexpr int kPatience = 10;  // milliseconds that a full pipe is waited for: its reader may be at it

Result<net::Fd> open_file(const std::string& path) {
  // A named pipe without a reader would make open() wait, or fail; open for both, it does neither.
  constexpr int kFlags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int fd = ::open(path.c_str(), O_WRONLY | kFlags, kMode);
  if (fd < 0 && errno == ENXIO) fd = ::open(path.c_str(), O_RDWR | kFlags, kMode);
  if (fd < 0) return fail(Code::kIo, Origin::kLocal, "cannot be opened", errno);
  return net::Fd(fd);
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

}  // namespace

FileLogSink::FileLogSink(net::Fd fd, std::string path, bool owned) : path_(std::move(path)), owned_(owned) {
  use(std::move(fd));
}

FileLogSink::~FileLogSink() {
  if (!owned_) (void)fd_.release();
}

Result<std::unique_ptr<LogSink>> FileLogSink::open(const std::string& path) {
  auto fd = open_file(path);
  if (!fd) return std::unexpected(fd.error());
  return std::unique_ptr<LogSink>(new FileLogSink(std::move(*fd), path, true));
}

std::unique_ptr<LogSink> FileLogSink::inherit(int descriptor) {
  return std::unique_ptr<LogSink>(new FileLogSink(net::Fd(descriptor), "", false));
}

void FileLogSink::use(net::Fd fd) {
  struct stat status{};
  const bool known = ::fstat(fd.value(), &status) == 0;
  kind_ = known && S_ISREG(status.st_mode)    ? Kind::kRegular
          : known && S_ISSOCK(status.st_mode) ? Kind::kSocket
                                              : Kind::kOther;
  fd_ = std::move(fd);
}

Result<void> FileLogSink::reopen() {
  if (path_.empty()) return {};
  auto fd = open_file(path_);
  if (!fd) return std::unexpected(fd.error());
  use(std::move(*fd));
  line_ended_ = true;
  rest_lost_ = false;
  return {};
}

ssize_t FileLogSink::write_some(std::string_view text) const {
  if (kind_ == Kind::kRegular) return ::write(fd_.value(), text.data(), text.size());
  // An inherited descriptor must not be made non-blocking: others write to it too.
  if (kind_ == Kind::kSocket) {
    const ssize_t sent = ::send(fd_.value(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != EAGAIN) return sent;
  }
  pollfd ready{fd_.value(), POLLOUT, 0};
  if (::poll(&ready, 1, kPatience) == 0) {
    errno = EAGAIN;
    return -1;
  }
  if (kind_ == Kind::kSocket) {
    return ::send(fd_.value(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  // So much fits without waiting into a pipe that says it is ready.
  return ::write(fd_.value(), text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
}

LogSink::Outcome FileLogSink::write(std::string_view text) {
  Outcome outcome;
  if (rest_lost_) {
    if (write_some("\n") != 1) return errno == EAGAIN ? outcome : Outcome{text.size(), lines_in(text), errno};
    rest_lost_ = false;
  }
  while (outcome.taken < text.size()) {
    const ssize_t written = write_some(text.substr(outcome.taken));
    if (written > 0) {
      outcome.taken += static_cast<std::size_t>(written);
      line_ended_ = text[outcome.taken - 1] == '\n';
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      outcome.error = errno;
      outcome.failed = lines_in(text.substr(outcome.taken));
      rest_lost_ = !line_ended_;
      outcome.taken = text.size();
    }
  }
  return outcome;
}

}  // namespace reseal::runtime
