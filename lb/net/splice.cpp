#include "lb/net/splice.h"

#include <cerrno>

#include "lb/net/tcp_stream.h"

namespace reseal::net {
namespace {

/// Less than this at once is as cheap to copy.
constexpr std::ptrdiff_t kLeastBytes = 16 * 1024;

}  // namespace

Splice::Splice(TcpStream& from, TcpStream& to, SpliceEvents& events) : from_(from), to_(to), events_(events) {
  from_.set_reader(this);
}

Splice::~Splice() {
  from_.set_reader(nullptr);
}

void Splice::note_read(std::size_t bytes) {
  bulk_ = bytes == Loop::kReceiveBuffer && !refused_;
}

bool Splice::is_next() const {
  return bulk_ && to_.is_open() && to_.unsent() == 0;
}

void Splice::take() {
  auto pipe = from_.loop().take_pipe();
  const std::ptrdiff_t moved = pipe != nullptr ? pipe->fill(from_.descriptor()) : 0;
  bulk_ = moved >= kLeastBytes;
  if (moved > 0) {
    to_.write(*pipe);
    from_.loop().give_back(std::move(pipe));
    events_.on_spliced(*this, static_cast<std::size_t>(moved));
    return;
  }
  // No pipe, or the end: reading finds out what there is.
  from_.loop().give_back(std::move(pipe));
  refused_ = Pipe::is_refusal(moved);
  if (moved < 0 && moved != -EAGAIN && !refused_) from_.fail_reading(static_cast<int>(-moved));
}

}  // namespace reseal::net
