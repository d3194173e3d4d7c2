#include "backends/lease.h"

#include <utility>

#include "backends/connection_pool.h"

namespace reseal::backends {

bool Lease::is_ready() const {
  return connection_->is_open();
}

Microseconds Lease::handshake_time() const {
  return connection_->handshake_time();
}

http::RequestWriter& Lease::open() {
  writer_ = &connection_->open_request();
  return *writer_;
}

net::ByteStream& Lease::stream() const {
  return connection_->stream();
}

const tls::TlsStream* Lease::tls() const {
  return connection_->tls();
}

void Lease::release() {
  give_back(false);
}

void Lease::abandon() {
  give_back(true);
}

void Lease::give_back(bool connection_is_suspect) {
  if (connection_ == nullptr) return;
  ServerConnection& connection = *connection_;
  connection.remove(*this);
  http::RequestWriter* writer = std::exchange(writer_, nullptr);
  user_ = nullptr;
  pool_->give_back(connection, writer, connection_is_suspect);
}

}  // namespace reseal::backends
