#include "lb/net/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace reseal::net {
namespace {

constexpr std::size_t kCapacity = 64 * 1024;  // of a pipe as it is made; more has not made anything cheaper

std::ptrdiff_t move_bytes(int from, int to, std::size_t most) {
  const ssize_t moved = ::splice(from, nullptr, to, nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  return moved >= 0 ? moved : -errno;
}

}  // namespace

std::unique_ptr<Pipe> Pipe::open() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) return nullptr;
  return std::unique_ptr<Pipe>(new Pipe(ends[0], ends[1]));
}

Pipe::~Pipe() {
  ::close(out_);
  ::close(in_);
}

std::ptrdiff_t Pipe::fill(int socket) {
  const std::ptrdiff_t moved = move_bytes(socket, in_, kCapacity);
  if (moved > 0) size_ += static_cast<std::size_t>(moved);
  return moved;
}

std::ptrdiff_t Pipe::drain(int socket) {
  const std::ptrdiff_t moved = move_bytes(out_, socket, size_);
  if (moved > 0) size_ -= static_cast<std::size_t>(moved);
  return moved;
}

bool Pipe::is_refusal(std::ptrdiff_t result) {
  switch (-result) {
    case EINVAL:  // such sockets cannot
    case EOPNOTSUPP:
    case ENOSYS:
    case EPERM:  // a sandbox
    case EACCES:
    case ENOMEM:
      return true;
    default:
      return false;
  }
}

void Pipe::read_into(ByteQueue& queue) {
  while (size_ != 0) {
    const std::size_t wanted = std::min(size_, Chunk::kCapacity);
    const ssize_t count = ::read(out_, queue.reserve(wanted), wanted);
    if (count <= 0) return;  // never, as long as size_ is right
    queue.commit(static_cast<std::size_t>(count));
    size_ -= static_cast<std::size_t>(count);
  }
}

}  // namespace reseal::net
