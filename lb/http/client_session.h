// What the owner of a server side connection drives, whatever its protocol: bytes in, requests opened and given
// back. Requests and responses go through exchange_ends.h. Sans I/O.
//
// Owner: the server connection. Single thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "lb/base/error.h"
#include "lb/http/exchange_ends.h"

namespace reseal::http {

/// Implemented by the owner.
class ClientSessionEvents {
 public:
  /// write_output() is to be called before the turn's end; not repeated until it is.
  virtual void on_output_pending() = 0;
  /// wants_pause() has changed outside of feed().
  virtual void on_reading_changed() = 0;
  /// Tunnel: end our sending side after what was written; reading goes on.
  virtual void on_output_end() = 0;
  /// free_requests() has changed by the server's doing (SETTINGS, GOAWAY).
  virtual void on_capacity_changed() = 0;

 protected:
  ~ClientSessionEvents() = default;
};

class ClientSession {
 public:
  virtual ~ClientSession() = default;
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  /// How many further requests may begin now.
  [[nodiscard]] virtual std::uint32_t free_requests() const = 0;
  /// Requests with an upgrade may begin here (HTTP/1.1, or RFC 8441 announced by the server).
  [[nodiscard]] virtual bool can_upgrade() const = 0;
  /// A writer for one request; only while free_requests() is above 0. Borrowed until close_request.
  virtual RequestWriter& open_request() = 0;
  /// Done with it, or given up: its events hear no more. False: the connection takes no further request; it is to be
  /// closed once none is left.
  virtual bool close_request(RequestWriter& writer) = 0;

  /// Bytes from the server.
  virtual void feed(std::string_view bytes) = 0;
  virtual void on_input_end() = 0;
  /// The connection is gone: every request under way fails.
  virtual void on_connection_lost(const Error& error) = 0;
  /// The sink has drained.
  virtual void on_drained() = 0;
  /// What the turn has produced goes into the sink; asked for by on_output_pending.
  virtual void write_output() = 0;
  /// Reading should pause: what is buffered cannot be used yet.
  [[nodiscard]] virtual bool wants_pause() const = 0;

 protected:
  ClientSession() = default;
};

}  // namespace reseal::http
