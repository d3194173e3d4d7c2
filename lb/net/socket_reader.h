// Who takes a TcpStream's bytes from the socket itself, straight to where they belong, instead of being handed them
// through the loop's receive buffer: TLS, into OpenSSL's own buffer, and Splice, into a pipe.
//
// Owner: whoever sits on top of the stream; gone, or taken back with TcpStream::set_reader(), before the stream is.
#pragma once

#include <cstddef>

namespace reseal::net {

class SocketReader {
 public:
  /// Whether it takes what can be read next. Otherwise that is read and handed to the stream's owner as ever.
  [[nodiscard]] virtual bool is_next() const { return true; }
  /// There is something to take, or the end. What is left is told again.
  virtual void take() = 0;
  /// So many bytes have been handed on as ever.
  virtual void note_read(std::size_t /*bytes*/) {}

 protected:
  ~SocketReader() = default;
};

}  // namespace reseal::net
