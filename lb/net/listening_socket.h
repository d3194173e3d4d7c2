// Listening sockets: made and bound by the control thread, so that a port in use refuses the change before anything has
// changed. Blocking only for as long as bind(2) is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lb/base/error.h"
#include "lb/net/address.h"
#include "lb/net/fd.h"

namespace reseal::net {

/// What is set on a TCP socket before it listens; what is 0, empty or false is left to the system.
struct ListenOptions {
  int backlog = 4096;  ///< the kernel lowers it to net.core.somaxconn
  std::string interface{};
  int segment_size = 0;
  int user_timeout = 0;  ///< milliseconds
  bool fast_open = false;
  bool defer_accept = false;
  bool joins_others = false;  ///< another process that shares its ports (SO_REUSEPORT) may listen there too
};

/// `count` sockets bound to the same address with SO_REUSEPORT and listening, one a worker. An address that
/// anybody listens on already is an error unless `joins_others` (a first bind without SO_REUSEPORT finds out). Port 0: the
/// system chooses one port for all of them.
Result<std::vector<Fd>> listen_tcp(const Address& address, int count, const ListenOptions& options = {});
/// A unix socket with mode 0600. A stale file (nobody answers) is replaced; a living one is an error.
Result<Fd> listen_unix(const std::string& path);

/// Whose the file of a unix socket is; none: as the process's own files.
struct SocketFile {
  std::optional<unsigned> mode, user, group;
};
/// A unix socket in the place of whatever socket is there, stale or living, in one step: nobody finds none. What is there and is
/// no socket is an error.
Result<Fd> replace_unix(const std::string& path, const SocketFile& file, int backlog);
/// A unix socket in Linux's abstract name space, under the name as HAProxy writes it: filled up with zeros.
Result<Fd> listen_abstract(const std::string& name, int backlog);
/// Connected to the unix socket of that path, or of that name in Linux's abstract name space where it begins with a zero byte. One
/// that has no room for another connection is an error.
Result<Fd> connect_unix(const std::string& path);
/// A copy of an inherited stream socket, which is made to listen; the one that was inherited stays open.
Result<Fd> listen_inherited(int descriptor, int backlog);
/// `count` descriptors of one listening socket, one a worker: each accepts what it gets.
Result<std::vector<Fd>> shared(Fd socket, int count);

/// The address a socket is bound to.
Address bound_address(int fd);

}  // namespace reseal::net
