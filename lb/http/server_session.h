// What the owner of a client side connection drives, whatever its protocol: bytes in, flow control, and the end.
// Requests and responses go through exchange_ends.h. Sans I/O.
//
// Owner: the client connection. Single thread.
#pragma once

#include <string_view>

#include "lb/base/error.h"

namespace reseal::http {

class ServerSession {
 public:
  virtual ~ServerSession() = default;
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;

  /// Bytes from the client.
  virtual void feed(std::string_view bytes) = 0;
  /// The client has ended its sending side: complete requests are still answered.
  virtual void on_input_end() = 0;
  /// The same while reading is paused: what the client sent before is still to come, on_input_end too.
  virtual void on_input_ended_early() {}
  /// The connection is gone; no event but the exchanges' on_client_gone follows.
  virtual void on_connection_lost(const Error& error) = 0;
  /// The sink has drained.
  virtual void on_drained() = 0;
  /// What the turn has produced goes into the sink; asked for by on_output_pending.
  virtual void write_output() = 0;
  /// Answers `error` in place of the head that is being waited for, if the protocol can, and closes.
  virtual void refuse(const Error& error) = 0;
  /// No further request is begun; ends now if idle, otherwise after the responses under way.
  virtual void close_when_idle() = 0;

  /// Reading should pause: what is buffered cannot be used yet.
  [[nodiscard]] virtual bool wants_pause() const = 0;
  /// While it wants a pause: that the client ends matters all the same.
  [[nodiscard]] virtual bool waits_for_server() const { return false; }
  /// No request under way, nothing buffered.
  [[nodiscard]] virtual bool is_idle() const = 0;
  /// A head (or the connection's preface) has begun to arrive and is not complete.
  [[nodiscard]] virtual bool is_reading_head() const = 0;
  /// A response holds bytes that the client's flow control does not let out, though the connection would.
  [[nodiscard]] virtual bool has_stalled_output() const = 0;
  /// Looks whether such responses have moved since the last look; ends those that have not, telling their exchanges
  /// on_client_gone (kClientTimeout).
  virtual void look_at_stalls() = 0;

  // HTTP/2 alone has something to say here.

  /// A request goes on to arrive though its response is complete; what comes is thrown away.
  [[nodiscard]] virtual bool has_leftovers() const { return false; }
  /// Ends those that were there at the last look too.
  virtual void look_at_leftovers() {}
  /// The session has ended because the client broke its rules: what it still sends is not worth reading.
  [[nodiscard]] virtual bool was_broken() const { return false; }

 protected:
  ServerSession() = default;
};

}  // namespace reseal::http
