// What the exchange hears of its server side: the response, and what becomes of the attempts to get one.
#pragma once

#include <string_view>

#include "lb/http/exchange_ends.h"

namespace reseal::proxy {

class ServerSideEvents : public http::ResponseEvents {
 public:
  /// It waits in the queue, or a connection is being opened.
  virtual void on_server_awaited() = 0;
  /// The request is sent as far as it has come: the rest of its body is wanted.
  virtual void on_server_ready() = 0;
  /// An attempt failed and another begins: no more of the body until on_server_ready.
  virtual void on_retry() = 0;
  /// What was waited for by expect() did not come, or no response in time.
  virtual void on_server_timeout() = 0;
  /// No server, or the last attempt failed: nothing more comes of it, and phase() tells how far it got.
  virtual void on_server_failed(const Error& error) = 0;
  /// The server takes none of its kind: the client is to ask for the same behind `prefix`, which lives as long as the configuration.
  virtual void on_server_redirects(std::string_view prefix) = 0;
  /// The server does not serve it any more, and nobody else will.
  virtual void on_server_withdrawn(const Error& error) = 0;

 protected:
  ~ServerSideEvents() = default;
};

}  // namespace reseal::proxy
