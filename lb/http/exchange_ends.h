// The two ends of an exchange as it sees them, neutral of protocol: HTTP/1 and HTTP/2 sessions implement the
// writers and call the events. All on one thread; data is valid during the call only.
//
// Order on the client side: begin_request, on_request, on_request_body*, on_request_end; meanwhile the
// exchange sends send_informational*, send_head, send_body*, send_end. After send_end, abort, on_client_gone
// neither side calls the other again for this request.
#pragma once

#include <span>
#include <string_view>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

/// The exchange's handle on the client side.
class ResponseWriter {
 public:
  /// 1xx other than 101; not sent to HTTP/1.0 clients.
  virtual void send_informational(const ResponseHead& head) = 0;
  /// Once. kChunked and kUntilClose become chunked for HTTP/1.1 clients and close-delimited for HTTP/1.0
  /// ones.
  virtual void send_head(const ResponseHead& head) = 0;
  virtual void send_body(std::string_view data) = 0;
  /// The response is complete. Last call: the next request may begin before it returns.
  virtual void send_end(std::span<const Field> trailers) = 0;
  /// The response cannot be completed: ends the connection so that the client must notice. Last call.
  virtual void abort() = 0;
  /// This response says that the connection closes after it. Before send_head.
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

/// Implemented by the exchange, called by the client side's session.
class RequestEvents {
 public:
  virtual void on_request_body(std::string_view data) = 0;
  /// The request is complete (for one without a body: right after on_request returned).
  virtual void on_request_end(std::span<const Field> trailers) = 0;
  /// The rest of the body is malformed or will not come. The writer is still usable; the connection closes
  /// after.
  virtual void on_request_failed(const Error& error) = 0;
  /// The connection is lost; the writer must not be used any more.
  virtual void on_client_gone(const Error& error) = 0;
  virtual void on_response_drained() = 0;

 protected:
  ~RequestEvents() = default;
};

/// Implemented by the owner of a client side session (proxy/client_connection, admin).
class ServerSessionEvents {
 public:
  /// A head has arrived: where to parse it. Clean; borrowed until on_request or on_bad_request.
  virtual RequestHead& begin_request() = 0;
  /// The head is complete and valid. May answer through the writer at once. Returns who gets the request's
  /// events (not called any more if the response is already complete).
  virtual RequestEvents& on_request(RequestHead& head, ResponseWriter& writer) = 0;
  /// The head could not be parsed (it is empty now); the owner answers through the writer before it returns.
  virtual void on_bad_request(const Error& error, ResponseWriter& writer) = 0;
  /// A response is complete and the session is ready for the next request, or about to end.
  virtual void on_response_complete() = 0;
  /// Nothing more will be read or written: flush, end the stream in order, linger.
  virtual void on_session_done() = 0;
  /// A response was cut short: the connection must end without looking complete.
  virtual void on_session_aborted() = 0;

 protected:
  ~ServerSessionEvents() = default;
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
  /// Last call for this response.
  virtual void on_response_end(std::span<const Field> trailers) = 0;
  /// kServerClosed, kServerReset: nothing of a response has come. kServerTruncated, kBadResponse. Last call.
  virtual void on_response_failed(const Error& error) = 0;
  /// The server takes request bytes again.
  virtual void on_request_drained() = 0;

 protected:
  ~ResponseEvents() = default;
};

}  // namespace reseal::http
