#include "lb/net/tcp_stream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <utility>

#include "lb/net/socket_error.h"
#include "lb/net/unix_connect.h"

namespace reseal::net {

struct TcpStream::Handle {
  uv_tcp_t tcp;
  TcpStream* owner;  // null once the stream has closed
  Loop* loop;
  // Only once there is something to do for them: most connections are accepted, and most never wait to be written to.
  std::unique_ptr<uv_connect_t> connect;
  std::unique_ptr<uv_write_t> write;
  std::unique_ptr<UnixConnect> unix_connect;
};

namespace {

constexpr std::size_t kMaxBuffers = 64;

/// What TLS may begin to take in one turn. More is dearer a byte (up to 10 % at 64 KiB, bench/ "bulk"): what is read,
/// decrypted, encrypted and written is then no longer in the nearest cache. Plain bytes are not worked on: they come by the
/// receive buffer, or pipe, full.
constexpr std::size_t kMostTaken = 32 * 1024;

}  // namespace

TcpStream::TcpStream(Loop& loop) : ByteStream(loop.buffers()), loop_(loop), handle_(new Handle) {
  handle_->owner = this;
  handle_->loop = &loop;
  uv_tcp_init(loop.native(), &handle_->tcp);
  handle_->tcp.data = handle_;
}

TcpStream::~TcpStream() {
  close();
}

std::unique_ptr<TcpStream> TcpStream::adopt(Loop& loop, int fd, const Address& peer) {
  std::unique_ptr<TcpStream> stream(new TcpStream(loop));
  stream->peer_ = peer;
  const int status = uv_tcp_open(&stream->handle_->tcp, fd);
  if (status != 0) {
    ::close(fd);
    stream->fail_later(status);
    return stream;
  }
  stream->descriptor_ = fd;
  if (peer.family() == AF_INET || peer.family() == AF_INET6) uv_tcp_nodelay(&stream->handle_->tcp, 1);
  stream->start_reading();
  return stream;
}

std::unique_ptr<TcpStream> TcpStream::connect(Loop& loop, const Address& peer, const Address& source) {
  std::unique_ptr<TcpStream> stream(new TcpStream(loop));
  stream->peer_ = peer;
  stream->state_ = State::kConnecting;
  stream->handle_->connect = std::make_unique<uv_connect_t>();
  stream->handle_->connect->data = stream->handle_;
  // libuv keeps a failure to bind for the connect that follows.
  if (source.family() != AF_UNSPEC) uv_tcp_bind(&stream->handle_->tcp, source.data(), 0);
  const int status = uv_tcp_connect(stream->handle_->connect.get(), &stream->handle_->tcp, peer.data(),
                                    [](uv_connect_t* request, int result) noexcept {
                                      auto& handle = *static_cast<Handle*>(request->data);
                                      const Loop::Turn turn(*handle.loop);
                                      if (handle.owner != nullptr) handle.owner->on_connected(result);
                                    });
  if (status != 0) stream->fail_later(status);
  uv_fileno(reinterpret_cast<uv_handle_t*>(&stream->handle_->tcp), &stream->descriptor_);
  return stream;
}

std::unique_ptr<TcpStream> TcpStream::connect_unix(Loop& loop, const std::string& path) {
  std::unique_ptr<TcpStream> stream(new TcpStream(loop));
  stream->peer_ = Address::of_unix_client(0);
  stream->state_ = State::kConnecting;
  const auto told = [&stream = *stream](Result<Fd> fd) {
    const int status = fd ? uv_tcp_open(&stream.handle_->tcp, fd->value()) : -fd.error().system;
    if (status != 0) return stream.fail_later(status);
    stream.descriptor_ = fd->release();
    // It is open at once; whoever connects expects to be told later.
    stream.connected_due_ = true;
    stream.loop_.schedule_flush(stream);
  };
  stream->handle_->unix_connect = std::make_unique<UnixConnect>(loop, path, told);
  return stream;
}

void TcpStream::send_probes() const {
  const int on = 1;
  if (descriptor_ >= 0) ::setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

void TcpStream::fail_later(int uv_status) {
  failure_ = uv_status;
  failure_due_ = true;
  loop_.schedule_flush(*this);
}

void TcpStream::on_connected(int status) {
  if (status != 0) {
    failure_ = status;
    deliver_failure();
    return;
  }
  state_ = State::kOpen;
  if (peer_.family() != AF_UNIX) uv_tcp_nodelay(&handle_->tcp, 1);
  start_reading();
  if (!output_.empty() || end_wanted_) loop_.schedule_flush(*this);
  events_->on_open();
}

void TcpStream::start_reading() {
  // libuv only tells that there is something to read. No room is offered, so it reports UV_ENOBUFS instead of reading, and
  // its read(2) with the file notifications that nobody has asked for is spared. While paused, reading is stopped there:
  // so a pause costs nothing unless bytes really arrive during it.
  const int status = uv_read_start(
      reinterpret_cast<uv_stream_t*>(&handle_->tcp),
      [](uv_handle_t*, std::size_t, uv_buf_t* buffer) noexcept { *buffer = uv_buf_init(nullptr, 0); },
      [](uv_stream_t* raw, ssize_t, const uv_buf_t*) noexcept {
        auto& handle = *static_cast<Handle*>(raw->data);
        if (handle.owner == nullptr || handle.owner->paused_) {
          uv_read_stop(raw);
          if (handle.owner != nullptr) handle.owner->on_held_up();
          return;
        }
        const Loop::Turn turn(*handle.loop);
        handle.owner->on_readable();
      });
  if (status != 0 && status != UV_EALREADY) fail_later(status);
}

void TcpStream::on_readable() {
  const bool had_ended = read_ended_;
  may_read_ = kMostTaken;
  if (reader_ != nullptr && reader_->is_next()) {
    reader_->take();
  } else {
    read_and_hand_on();
  }
  may_read_ = 0;
  if (!read_over_ || state_ != State::kOpen) return;
  uv_read_stop(reinterpret_cast<uv_stream_t*>(&handle_->tcp));
  if (failure_ != 0) {
    deliver_failure();
  } else if (!had_ended) {
    events_->on_end();
  }
}

void TcpStream::read_and_hand_on() {
  const auto room = loop_.receive_buffer();
  const std::size_t count = read(room);
  if (count == 0) return;
  if (reader_ != nullptr) reader_->note_read(count);
  events_->on_data({room.data(), count});
}

std::size_t TcpStream::read(std::span<char> room) {
  if (!may_read() || state_ != State::kOpen) return 0;
  ssize_t count = 0;
  do {
    count = ::recv(descriptor(), room.data(), room.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count == 0) read_ended_ = read_over_ = true;
  if (count < 0 && errno != EAGAIN) fail_reading(errno);
  const std::size_t taken = count > 0 ? static_cast<std::size_t>(count) : 0;
  // A short read has emptied the socket: one more would only earn EAGAIN.
  may_read_ = taken == room.size() && taken < may_read_ ? may_read_ - taken : 0;
  return taken;
}

void TcpStream::fail_reading(int number) {
  read_over_ = true;
  if (failure_ == 0) failure_ = -number;
}

void TcpStream::deliver_failure() {
  if (state_ == State::kFailed || state_ == State::kClosed) return;
  const bool connecting = state_ == State::kConnecting;
  state_ = State::kFailed;
  output_.clear();
  uv_read_stop(reinterpret_cast<uv_stream_t*>(&handle_->tcp));
  events_->on_failure(socket_error(-failure_, connecting));
}

void TcpStream::pause_reading() {
  paused_ = true;
  if (failure_ != 0) fail_later(failure_);  // the read side will not come to report it
}

void TcpStream::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  watch_peer(false);
  if (state_ == State::kOpen && uv_is_active(reinterpret_cast<uv_handle_t*>(&handle_->tcp)) == 0)
    start_reading();
}

void TcpStream::watch_peer(bool wanted) {
  watches_peer_ = wanted;
  if (!wanted) {
    peer_watch_.reset();
  } else if (paused_ && uv_is_active(reinterpret_cast<uv_handle_t*>(&handle_->tcp)) == 0) {
    on_held_up();
  }
}

/// The peer has sent something, its end perhaps, while reading is paused.
void TcpStream::on_held_up() {
  if (!watches_peer_ || peer_watch_ != nullptr || state_ != State::kOpen || read_ended_) return;
  peer_watch_ = std::make_unique<PeerWatch>(loop_, descriptor(), *this);
}

void TcpStream::on_peer_ended(bool reset) {
  peer_watch_.reset();
  if (reset) {
    if (failure_ == 0) failure_ = UV_ECONNRESET;
    deliver_failure();
  } else {
    events_->on_peer_ended_early();
  }
}

void TcpStream::end() {
  if (end_wanted_) return;
  end_wanted_ = true;
  loop_.schedule_flush(*this);
}

void TcpStream::write(Pipe& pipe) {
  const std::ptrdiff_t written = pipe.drain(descriptor());
  if (written < 0 && written != -EAGAIN && !Pipe::is_refusal(written)) {
    // As in on_written, but for the call: that is for the end of the turn.
    if (failure_ == 0) failure_ = static_cast<int>(written);
    if (paused_ || read_ended_) fail_later(failure_);
    return;
  }
  if (written > 0) written_ += static_cast<std::size_t>(written);
  if (pipe.size() != 0) pipe.read_into(output());
}

void TcpStream::flush() {
  flush_scheduled_ = false;
  if (state_ == State::kClosed || state_ == State::kFailed) return;
  if (failure_ != 0) {
    // Either it is due now, or the read side will report it (see on_written): until then output goes nowhere.
    output_.clear();
    if (failure_due_) deliver_failure();
    return;
  }
  if (std::exchange(connected_due_, false)) {
    on_connected(0);
    return;
  }
  if (output_.size() >= kHighWater) was_backed_up_ = true;
  if (state_ == State::kConnecting || write_pending_) return;
  while (!output_.empty()) {
    std::size_t offered = 0;
    const std::ptrdiff_t written = send_some(offered);
    if (written == -EAGAIN || written == -ENOBUFS) break;  // the latter: a unix socket, for now
    if (written < 0) {
      on_written(static_cast<int>(written));
      return;
    }
    output_.consume(static_cast<std::size_t>(written));
    written_ += static_cast<std::size_t>(written);
    if (static_cast<std::size_t>(written) < offered) break;
  }
  if (!output_.empty()) {
    if (!start_queued_write()) return;
  } else if (end_wanted_) {
    ::shutdown(descriptor(), SHUT_WR);
    events_->on_drained();
    return;
  }
  if (was_backed_up_ && output_.size() <= kLowWater) {
    was_backed_up_ = false;
    events_->on_drained();
  }
}

/// Gives the kernel the front of the queue: how much it took of `offered`, or the negative errno. Not by libuv, whose
/// write(2) costs more (see start_reading).
std::ptrdiff_t TcpStream::send_some(std::size_t& offered) const {
  iovec parts[kMaxBuffers];
  msghdr message{.msg_name = nullptr,
                 .msg_namelen = 0,
                 .msg_iov = parts,
                 .msg_iovlen = 0,
                 .msg_control = nullptr,
                 .msg_controllen = 0,
                 .msg_flags = 0};
  for (const Chunk* chunk = output_.chunks(); chunk != nullptr && message.msg_iovlen < kMaxBuffers;
       chunk = chunk->next) {
    if (chunk->begin == chunk->end) continue;
    const std::size_t size = chunk->end - chunk->begin;
    // iovec is not const-correct; the kernel only reads.
    parts[message.msg_iovlen++] = {const_cast<char*>(chunk->data) + chunk->begin, size};
    offered += size;
  }
  for (;;) {
    const ssize_t sent = message.msg_iovlen == 1
                             ? ::send(descriptor(), parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL)
                             : ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno != EINTR) return -errno;
  }
}

bool TcpStream::start_queued_write() {
  const std::string_view front = output_.front();
  uv_buf_t buffer = uv_buf_init(const_cast<char*>(front.data()), static_cast<unsigned>(front.size()));
  if (handle_->write == nullptr) handle_->write = std::make_unique<uv_write_t>();
  handle_->write->data = handle_;
  const int status = uv_write(handle_->write.get(), reinterpret_cast<uv_stream_t*>(&handle_->tcp), &buffer, 1,
                              [](uv_write_t* request, int result) noexcept {
                                auto& handle = *static_cast<Handle*>(request->data);
                                const Loop::Turn turn(*handle.loop);
                                if (handle.owner != nullptr) handle.owner->on_written(result);
                              });
  if (status != 0) {
    on_written(status);
    return false;
  }
  write_pending_ = true;
  pending_bytes_ = front.size();
  return true;
}

void TcpStream::on_written(int status) {
  write_pending_ = false;
  if (status == 0) {
    output_.consume(pending_bytes_);
    written_ += pending_bytes_;
    flush();
    return;
  }
  if (failure_ == 0) failure_ = status;
  // The peer may have answered before it reset (an early error response): what it sent is still to be read,
  // and the read side then reports the end. Only a paused reader, or one at its end, would never come to
  // that.
  output_.clear();
  if (paused_ || read_ended_) deliver_failure();
}

void TcpStream::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  unlink();
  output_.clear();
  peer_watch_.reset();
  handle_->owner = nullptr;
  handle_->unix_connect.reset();
  descriptor_ = -1;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->tcp),
           [](uv_handle_t* raw) noexcept { delete static_cast<Handle*>(raw->data); });
}

void TcpStream::abort() {
  if (state_ == State::kClosed) return;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  close();
}

std::uint64_t TcpStream::undelivered() const {
  int queued = 0;
  if (state_ == State::kClosed) return 0;
  return ::ioctl(descriptor(), SIOCOUTQ, &queued) != 0 || queued < 0 ? 0 : static_cast<std::uint64_t>(queued);
}

std::uint64_t TcpStream::delivered() const {
  if (state_ == State::kClosed) return 0;
  // A write that is under way counts as queued here and not yet as written.
  const std::uint64_t waiting = undelivered();
  return written_ > waiting ? written_ - waiting : 0;
}

const Address& TcpStream::local() const {
  if (local_.family() == AF_UNSPEC && state_ != State::kClosed) {
    sockaddr_storage name{};
    int length = sizeof(name);
    if (uv_tcp_getsockname(&handle_->tcp, reinterpret_cast<sockaddr*>(&name), &length) == 0) {
      local_ = Address::from(reinterpret_cast<const sockaddr*>(&name), static_cast<socklen_t>(length));
    }
  }
  return local_;
}

}  // namespace reseal::net
