// A connected stream socket on the loop (TCP; unix sockets too). Reads into the loop's receive buffer, one read a
// readiness, or has a SocketReader take the bytes; gathers a turn's output into one send and has libuv write only what the
// kernel refused.
//
//   kConnecting ──► kOpen ──► kClosed      kConnecting/kOpen ──failure──► kFailed ──► kClosed
//
// Owner: a connection, or the TlsStream on top. Single thread.
#pragma once

#include <memory>
#include <span>

#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"
#include "lb/net/peer_watch.h"
#include "lb/net/socket_reader.h"

namespace reseal::net {

class TcpStream final : public ByteStream, public Flushable, public PeerWatchEvents {
 public:
  /// Takes over a connected socket (closes it on failure too) and starts reading. on_open is not called.
  static std::unique_ptr<TcpStream> adopt(Loop& loop, int fd, const Address& peer);
  /// Starts to connect, from `source` unless that is empty; on_open or on_failure follows.
  static std::unique_ptr<TcpStream> connect(Loop& loop, const Address& peer, const Address& source = {});
  /// The same to a unix socket: a path, or a zero byte and a name of the abstract name space.
  static std::unique_ptr<TcpStream> connect_unix(Loop& loop, const std::string& path);
  ~TcpStream() override;

  void pause_reading() override;
  void resume_reading() override;
  void watch_peer(bool wanted) override;
  void end() override;
  void close() override;
  [[nodiscard]] bool is_closed() const override { return state_ == State::kClosed; }
  [[nodiscard]] std::uint64_t delivered() const override;
  [[nodiscard]] std::uint64_t undelivered() const override;
  [[nodiscard]] const Address& peer() const override { return peer_; }
  [[nodiscard]] const Address& local() const override;
  void abort() override;
  TcpStream* plain() override { return this; }
  /// Who takes bytes from the socket from now on (borrowed); null: they are read and handed to the owner.
  void set_reader(SocketReader* reader) { reader_ = reader; }
  /// For SocketReader::take(), and only within it: moves what has been received to `room`: how much, 0 if that is all for
  /// now. An end or a failure met here is told once take() has returned.
  std::size_t read(std::span<char> room);
  /// Only within SocketReader::take(): read() may bring more.
  [[nodiscard]] bool may_read() const { return may_read_ != 0 && !paused_; }
  /// Only within SocketReader::take(): reading by other means met this error.
  void fail_reading(int number);
  using ByteStream::write;
  /// Sends what is in the pipe at once; what the kernel does not take is copied and sent like anything else. Only while
  /// nothing is unsent. The pipe is empty afterwards, unless the stream has failed.
  void write(Pipe& pipe);
  /// Once unsent() has fallen to kLowWater, on_drained() follows although it never was above kHighWater.
  void tell_when_drained() { was_backed_up_ = true; }
  /// Writes what there is now instead of at the end of the turn (an alert before close()).
  void flush() override;

  /// The kernel finds out whether a peer that is silent for long is still there (SO_KEEPALIVE).
  void send_probes() const;

  [[nodiscard]] Loop& loop() const { return loop_; }
  /// -1 if there is none.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Connected and not failed.
  [[nodiscard]] bool is_open() const { return state_ == State::kOpen; }

 private:
  enum class State : std::uint8_t { kConnecting, kOpen, kFailed, kClosed };
  struct Handle;  // owns the uv structures; freed in libuv's close callback
  explicit TcpStream(Loop& loop);
  void schedule_flush() override { loop_.schedule_flush(*this); }
  void fail_later(int uv_status);
  void on_connected(int status);
  void on_written(int status);
  void on_readable();
  void read_and_hand_on();
  void on_held_up();
  void on_peer_ended(bool reset) override;
  void deliver_failure();
  void start_reading();
  std::ptrdiff_t send_some(std::size_t& offered) const;
  bool start_queued_write();

  Loop& loop_;
  Handle* handle_ = nullptr;
  SocketReader* reader_ = nullptr;
  std::size_t may_read_ = 0;  // how many bytes more in this turn
  Address peer_;
  mutable Address local_;
  std::unique_ptr<PeerWatch> peer_watch_;  // once the peer has sent something while reading is paused
  std::uint64_t written_ = 0;              // bytes the kernel has taken
  std::size_t pending_bytes_ = 0;          // of the front of output_, which a uv_write owns
  // Together: every idle connection has one of these.
  int descriptor_ = -1;
  int failure_ = 0;  // uv status to be reported
  State state_ = State::kOpen;
  bool failure_due_ = false;    // by the next flush(); otherwise by the read side
  bool connected_due_ = false;  // the same
  bool read_ended_ = false;     // the peer's FIN was seen
  bool read_over_ = false;      // an end or a failure was met while reading
  bool paused_ = false;
  bool watches_peer_ = false;  // while paused
  bool end_wanted_ = false;
  bool was_backed_up_ = false;
  bool write_pending_ = false;
};

}  // namespace reseal::net
