#include "lb/base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace reseal {
namespace {

/// Closed with its scope.
class OpenFile {
 public:
  // Opening a pipe that nobody writes to would last for ever otherwise.
  explicit OpenFile(const std::string& path)
      : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] int get() const { return file_; }

 private:
  int file_;
};

constexpr int kPipeWaitMilliseconds = 2000;

std::unexpected<std::string> unreadable() {
  return std::unexpected(std::string("cannot be read: ") + std::strerror(errno));
}

/// Of a pipe: whether there is something to read, be it its end.
bool has_news(int file) {
  pollfd waiting{file, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, kPipeWaitMilliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

std::expected<std::string, std::string> read_at_most(const std::string& path, std::size_t most) {
  const OpenFile file(path);
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return unreadable();
  const bool is_pipe = S_ISFIFO(status.st_mode);
  std::string bytes;
  // By pieces: room for all that there may be would be hundreds of megabytes for a small file.
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  while (bytes.size() < most) {
    if (is_pipe && !has_news(file.get()))
      return std::unexpected("cannot be read: it is a pipe, and nothing came out of it within 2 s");
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(kPiece, most - before));
    const ssize_t count = ::read(file.get(), bytes.data() + before, bytes.size() - before);
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return unreadable();
  }
  return bytes;
}

}  // namespace reseal
