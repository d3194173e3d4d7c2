// The two ends of an exchange as it sees them, neutral of protocol: HTTP/1, HTTP/2 and raw sessions implement the
// writers and call the events. All on one thread; data is valid during the call only.
//
// Client side: begin_request, on_request, on_request_body*, on_request_end; meanwhile the exchange sends
// send_informational*, send_head, send_body*, send_end. Server side: the exchange sends send_head, send_body*,
// send_end; meanwhile on_informational*, on_response_head, on_response_body*, on_response_end. After send_end of
// the response, abort, on_client_gone neither side calls the other again for this request.
//
// Tunnel: a request whose framing is kTunnel asks to switch protocols. Its body is held back until the response's
// head says whether that has happened: framing kTunnel again (101, or 2xx to CONNECT), and from then on both
// bodies are opaque streams, each with an end of its own (half-close); the exchange is over when both have ended.
// Any other framing: the request was an ordinary one without a body.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

class ResponseEvents;

/// The exchange's handle on the client side; one a request.
class ResponseWriter {
 public:
  /// 1xx other than 101; not sent to HTTP/1.0 clients.
  virtual void send_informational(const ResponseHead& head) = 0;
  /// Once. kChunked and kUntilClose become chunked for HTTP/1.1 clients and close-delimited for HTTP/1.0
  /// ones.
  virtual void send_head(const ResponseHead& head) = 0;
  virtual void send_body(std::string_view data) = 0;
  /// The response is complete. Last call (in a tunnel, only if the request has ended too): the next request may
  /// begin before it returns.
  virtual void send_end(std::span<const Field> trailers) = 0;
  /// The response cannot be completed: the client must notice. HTTP/1 cuts the connection, HTTP/2 resets the
  /// stream. Last call.
  virtual void abort() = 0;
  /// HTTP/1: this response says that the connection closes after it. HTTP/2: nothing, its streams are
  /// independent. Before send_head.
  virtual void close_after_response() = 0;
  /// The client does not take bytes fast enough; on_response_drained tells when it has.
  [[nodiscard]] virtual bool is_backed_up() const = 0;
  /// Request body delivery is paused at first, until the exchange has somewhere to put it.
  virtual void pause_request_body() = 0;
  /// May deliver body bytes and the request's end before it returns.
  virtual void resume_request_body() = 0;

 protected:
  ~ResponseWriter() = default;
};

/// One request, as its receiver (the exchange) sees it; called by the client side's session.
class RequestEvents {
 public:
  /// Where to parse the request's head. Clean; valid until the request's end.
  virtual RequestHead& request_head() = 0;
  virtual void on_request_body(std::string_view data) = 0;
  /// The request is complete (for one without a body: right after on_request returned). What of the trailers is not to
  /// be passed on may be marked as dropped.
  virtual void on_request_end(std::span<Field> trailers) = 0;
  /// The rest of the body is malformed or will not come. The writer is still usable.
  virtual void on_request_failed(const Error& error) = 0;
  /// The client has ended its sending side, behind its request or within it; it may have closed the connection, or still
  /// read. May be told again.
  virtual void on_client_ended() {}
  /// Nothing of the request has gone to a server yet: on_client_ended matters.
  [[nodiscard]] virtual bool waits_for_server() const { return false; }
  /// The connection or stream is lost; the writer must not be used any more. Last call.
  virtual void on_client_gone(const Error& error) = 0;
  virtual void on_response_drained() = 0;

 protected:
  ~RequestEvents() = default;
};

/// Implemented by the owner of a client side session (proxy/client_connection, admin).
class ServerSessionEvents {
 public:
  /// A head has arrived: who gets this request. Followed by on_request or on_bad_request.
  virtual RequestEvents& begin_request() = 0;
  /// The head is complete and valid. May answer through the writer at once; then `request` hears no more.
  virtual void on_request(RequestEvents& request, ResponseWriter& writer) = 0;
  /// The head could not be parsed (it is empty now); the owner answers through the writer before it returns.
  virtual void on_bad_request(RequestEvents& request, const Error& error, ResponseWriter& writer) = 0;
  /// A response is complete and the session is ready for another request, or about to end.
  virtual void on_response_complete() = 0;
  /// Tunnel: end our sending side after what was written; reading goes on.
  virtual void on_output_end() = 0;
  /// write_output() is to be called before the turn's end; not repeated until it is.
  virtual void on_output_pending() = 0;
  /// Nothing more will be read or written: flush, end the stream in order, linger.
  virtual void on_session_done() = 0;
  /// A response was cut short: the connection must end without looking complete.
  virtual void on_session_aborted() = 0;

 protected:
  ~ServerSessionEvents() = default;
};

/// The exchange's handle on the server side; one a request.
class RequestWriter {
 public:
  /// Begins the request. `head` is read during the call, `events` told until the response ends or fails, or
  /// the writer is given back.
  virtual void send_head(const RequestHead& head, ResponseEvents& events) = 0;
  /// Bytes beyond a declared length are not sent: the server could take them for the next request.
  virtual void send_body(std::string_view data) = 0;
  virtual void send_end(std::span<const Field> trailers) = 0;
  /// The server does not take bytes fast enough; on_request_drained tells when it has.
  [[nodiscard]] virtual bool is_backed_up() const = 0;
  /// Holds back the response's body; what arrives meanwhile is kept, bounded by one receive buffer or window.
  virtual void pause_response() = 0;
  /// May deliver body bytes and the response's end before it returns.
  virtual void resume_response() = 0;

 protected:
  ~RequestWriter() = default;
};

/// Implemented by the exchange, called by the server side's session.
class ResponseEvents {
 public:
  /// Where to parse the next response head. Clean.
  virtual ResponseHead& response_head() = 0;
  /// 1xx other than 101; the head is cleared afterwards.
  virtual void on_informational(ResponseHead& head) = 0;
  virtual void on_response_head(ResponseHead& head) = 0;
  virtual void on_response_body(std::string_view data) = 0;
  /// Last call for this response (in a tunnel, only if the request has ended too). Trailers as above.
  virtual void on_response_end(std::span<Field> trailers) = 0;
  /// kServerClosed, kServerReset: nothing of a response has come. kServerTruncated, kBadResponse. Last call.
  virtual void on_response_failed(const Error& error) = 0;
  /// The server takes request bytes again.
  virtual void on_request_drained() = 0;

 protected:
  ~ResponseEvents() = default;
};

}  // namespace reseal::http
