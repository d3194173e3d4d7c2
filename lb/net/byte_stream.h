// A connected, ordered byte stream: TCP, or TLS over it. What sessions are glued to.
//
// Rules that every implementation keeps:
//  * Nothing is called back from within a call to the stream; events come from the loop only.
//  * close() is idempotent and final: afterwards no event arrives. Destruction closes. Unsent bytes are dropped by
//    close(); end() delivers them first.
//  * Owner: the connection object; a stream never leaves its loop's thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "lb/base/byte_sink.h"
#include "lb/base/disposable.h"
#include "lb/base/error.h"
#include "lb/net/address.h"

namespace reseal::net {

/// Implemented by the owner of a stream. The owner may close the stream in any of these.
class StreamEvents {
 public:
  /// Connected, and for TLS: handshake done and peer verified. Data may be written before, and is held until
  /// then.
  virtual void on_open() = 0;
  /// Bytes received; valid during the call only. Not empty.
  virtual void on_data(std::string_view bytes) = 0;
  /// The peer ended its sending side in order (FIN, for TLS after close_notify). Writing may go on.
  virtual void on_end() = 0;
  /// unsent() fell to kLowWater or below after having been backed up, or after bulk was written; or, after end(),
  /// everything has been sent.
  virtual void on_drained() = 0;
  /// The stream is dead (reset, TLS failure, truncation). No event follows; the owner closes it.
  virtual void on_failure(const Error& error) = 0;
  /// While reading is paused, with watch_peer(): the peer has ended its sending side. What it sent before, and on_end(),
  /// follow when reading goes on.
  virtual void on_peer_ended_early() {}

 protected:
  ~StreamEvents() = default;
};

class TcpStream;

class ByteStream : public ByteSink, public Disposable {
 public:
  static constexpr std::size_t kLowWater = 16 * 1024;

  explicit ByteStream(BufferPool& pool) : ByteSink(pool) {}

  /// Who is told. Borrowed; must be set before the first event and outlive the stream or its close().
  void set_events(StreamEvents& events) { events_ = &events; }

  /// Stops and restarts the reading of bytes. A stream starts paused=false. At most one receive buffer (64
  /// KiB) is still delivered after pause_reading().
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  /// While reading is paused: whether to tell at once that the peer has ended or reset the connection, behind whatever it
  /// has sent. Costs nothing until it sends or ends; until resume_reading().
  virtual void watch_peer(bool wanted) = 0;

  /// After everything written so far: end our sending side (close_notify and FIN).
  virtual void end() = 0;
  virtual void close() = 0;
  /// close() that the peer cannot take for an end in order: no close_notify, and a reset instead of a FIN.
  virtual void abort() = 0;
  [[nodiscard]] virtual bool is_closed() const = 0;

  /// Bytes that the peer's system has acknowledged so far: tells a slow reader from one that has stopped. A
  /// system call.
  [[nodiscard]] virtual std::uint64_t delivered() const = 0;
  /// Bytes that the kernel has taken and the peer's system has not acknowledged. A system call.
  [[nodiscard]] virtual std::uint64_t undelivered() const = 0;
  [[nodiscard]] virtual const Address& peer() const = 0;
  [[nodiscard]] virtual const Address& local() const = 0;
  /// Itself, if bytes go over its socket as they are written; otherwise null (TLS).
  virtual TcpStream* plain() { return nullptr; }

 protected:
  StreamEvents* events_ = nullptr;
};

}  // namespace reseal::net
