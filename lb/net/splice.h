// One direction between two plain connections: once bytes come in bulk, they go from socket to socket through a pipe
// and never into this process. Until then, and whenever that is not possible, they are read and handed to the source's
// owner as ever, who writes them to the sink: so whoever links two streams must do just that with all of its bytes.
//
//   copying ──a read filled the receive buffer, nothing unsent at the sink──► spliced
//      ◄──little came, the end, no pipe, the sink is behind──
//
// Owner: whoever passes the bytes on; gone before either stream is destroyed. Single thread.
#pragma once

#include <cstddef>

#include "lb/net/socket_reader.h"

namespace reseal::net {

class Splice;
class TcpStream;

class SpliceEvents {
 public:
  /// So many bytes were taken from the source and given to the sink, which may be backed up now.
  virtual void on_spliced(const Splice& splice, std::size_t bytes) = 0;

 protected:
  ~SpliceEvents() = default;
};

class Splice final : public SocketReader {
 public:
  Splice(TcpStream& from, TcpStream& to, SpliceEvents& events);
  ~Splice();
  Splice(const Splice&) = delete;
  Splice& operator=(const Splice&) = delete;

  // From the source.
  [[nodiscard]] bool is_next() const override;
  void take() override;
  void note_read(std::size_t bytes) override;

 private:
  TcpStream& from_;
  TcpStream& to_;
  SpliceEvents& events_;
  bool bulk_ = false;
  bool refused_ = false;  // by the kernel: these sockets cannot
};

}  // namespace reseal::net
