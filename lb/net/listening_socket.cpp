#include "lb/net/listening_socket.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace reseal::net {
namespace {

Error system_error(const char* detail, int number) {
  return {Code::kIo, Origin::kLocal, detail, number, 0, 0};
}

bool set_number(const Fd& fd, int level, int option, int value) {
  return ::setsockopt(fd.value(), level, option, &value, sizeof(value)) == 0;
}

/// Empty, or what could not be set.
const char* set_options(const Fd& fd, const ListenOptions& options) {
  constexpr int kFastOpenQueue = 1024;
  if (!options.interface.empty() &&
      ::setsockopt(fd.value(), SOL_SOCKET, SO_BINDTODEVICE, options.interface.c_str(),
                   static_cast<socklen_t>(options.interface.size() + 1)) != 0) {
    return "cannot bind to the interface";
  }
  if (options.segment_size != 0 && !set_number(fd, IPPROTO_TCP, TCP_MAXSEG, options.segment_size))
    return "cannot set the segment size (mss)";
  if (options.user_timeout != 0 && !set_number(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, options.user_timeout))
    return "cannot set the user timeout (tcp-ut)";
  // Of help where the system has them; nothing is lost where not.
  if (options.fast_open) set_number(fd, IPPROTO_TCP, TCP_FASTOPEN, kFastOpenQueue);
  if (options.defer_accept) set_number(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
  return "";
}

Result<Fd> bound_socket(const Address& address, bool shared, const ListenOptions& options) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(system_error("cannot create a socket", errno));
  const int on = 1;
  ::setsockopt(fd.value(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.family() == AF_INET6) ::setsockopt(fd.value(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (shared && ::setsockopt(fd.value(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) {
    return std::unexpected(system_error("cannot set SO_REUSEPORT", errno));
  }
  if (const char* failed = set_options(fd, options); *failed != '\0')
    return std::unexpected(system_error(failed, errno));
  if (::bind(fd.value(), address.data(), address.size()) != 0) {
    return std::unexpected(system_error("cannot bind", errno));
  }
  return fd;
}

/// Longer ones are an error.
Result<sockaddr_un> unix_name(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(name.sun_path)) {
    return std::unexpected(system_error("the socket's path is empty or longer than 107 bytes", ENAMETOOLONG));
  }
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  return name;
}

}  // namespace

Address bound_address(int fd) {
  sockaddr_storage name{};
  socklen_t length = sizeof(name);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) return {};
  return Address::from(reinterpret_cast<const sockaddr*>(&name), length);
}

Result<std::vector<Fd>> listen_tcp(const Address& address, int count, const ListenOptions& options) {
  Address actual = address;
  if (!options.joins_others || address.port() == 0) {
    // With SO_REUSEPORT a second process of the same user would silently share the port; this bind, without
    // it, fails if anybody is there. It also finds the port when the system is to choose.
    auto probe = bound_socket(address, false, options);
    if (!probe) return std::unexpected(probe.error());
    actual = bound_address(probe->value());
  }
  std::vector<Fd> sockets;
  for (int i = 0; i < count; ++i) {
    auto socket = bound_socket(actual, true, options);
    if (!socket) return std::unexpected(socket.error());
    if (::listen(socket->value(), options.backlog) != 0)
      return std::unexpected(system_error("cannot listen", errno));
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

Result<Fd> listen_unix(const std::string& path) {
  const auto found = unix_name(path);
  if (!found) return std::unexpected(found.error());
  const sockaddr_un name = *found;
  const auto* address = reinterpret_cast<const sockaddr*>(&name);
  {
    const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (probe.is_open() && ::connect(probe.value(), address, sizeof(name)) == 0) {
      return std::unexpected(system_error("another process answers on this socket", EADDRINUSE));
    }
    const bool nobody_answers = errno == ECONNREFUSED;
    struct stat status{};
    const bool exists = ::lstat(path.c_str(), &status) == 0;
    if (exists && !S_ISSOCK(status.st_mode)) {
      return std::unexpected(system_error("something that is no socket is in its place", ENOTSOCK));
    }
    if (exists && nobody_answers) ::unlink(path.c_str());  // left behind by a process that was killed
  }
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(system_error("cannot create a socket", errno));
  // The mode is right from the first moment: nobody can connect between bind and chmod.
  const mode_t old_mask = ::umask(0177);
  const int status = ::bind(fd.value(), address, sizeof(name));
  const int number = errno;
  ::umask(old_mask);
  if (status != 0) return std::unexpected(system_error("cannot bind", number));
  if (::listen(fd.value(), 64) != 0) return std::unexpected(system_error("cannot listen", errno));
  return fd;
}

Result<Fd> replace_unix(const std::string& path, const SocketFile& file, int backlog) {
  const std::string made = path + "." + std::to_string(::getpid()) + ".tmp";
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode))
    return std::unexpected(system_error("something that is no socket is in its place", ENOTSOCK));
  const auto name = unix_name(made);
  if (!name) return std::unexpected(name.error());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(system_error("cannot create a socket", errno));
  ::unlink(made.c_str());  // left behind by a process of the same number
  if (::bind(fd.value(), reinterpret_cast<const sockaddr*>(&*name), sizeof(*name)) != 0)
    return std::unexpected(system_error("cannot bind", errno));
  // Under its own name only once it is whole: whose it is, and that it listens.
  const char* failed = nullptr;
  constexpr auto kUnchanged = static_cast<uid_t>(-1);
  if (file.mode && ::chmod(made.c_str(), *file.mode) != 0) {
    failed = "cannot set the mode";
  } else if ((file.user || file.group) &&
             ::chown(made.c_str(), file.user.value_or(kUnchanged), file.group.value_or(kUnchanged)) != 0) {
    failed = "cannot set user and group";
  } else if (::listen(fd.value(), backlog) != 0) {
    failed = "cannot listen";
  } else if (::rename(made.c_str(), path.c_str()) != 0) {
    failed = "cannot take the socket's place";
  }
  if (failed == nullptr) return fd;
  const int number = errno;
  ::unlink(made.c_str());
  return std::unexpected(system_error(failed, number));
}

Result<Fd> connect_unix(const std::string& path) {
  const bool is_abstract = path.starts_with('\0');
  auto address = unix_name(is_abstract ? " " + path.substr(1) : path);
  if (!address) return std::unexpected(address.error());
  if (is_abstract) address->sun_path[0] = '\0';
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(system_error("cannot create a socket", errno));
  if (::connect(fd.value(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0)
    return std::unexpected(system_error("cannot connect", errno));
  return fd;
}

Result<Fd> listen_abstract(const std::string& name, int backlog) {
  auto address = unix_name(" " + name);
  if (!address) return std::unexpected(address.error());
  address->sun_path[0] = '\0';
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(system_error("cannot create a socket", errno));
  if (::bind(fd.value(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0)
    return std::unexpected(system_error("cannot bind", errno));
  if (::listen(fd.value(), backlog) != 0) return std::unexpected(system_error("cannot listen", errno));
  return fd;
}

Result<Fd> listen_inherited(int descriptor, int backlog) {
  int type = 0;
  socklen_t size = sizeof(type);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
    return std::unexpected(
        system_error("it is no open socket; whoever starts reseal has to hand it down", errno));
  if (type != SOCK_STREAM) return std::unexpected(system_error("it is no stream socket", ENOTSOCK));
  Fd fd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
  if (!fd.is_open()) return std::unexpected(system_error("cannot copy it", errno));
  ::fcntl(fd.value(), F_SETFL, ::fcntl(fd.value(), F_GETFL) | O_NONBLOCK);
  if (::listen(fd.value(), backlog) != 0) return std::unexpected(system_error("cannot listen", errno));
  return fd;
}

Result<std::vector<Fd>> shared(Fd socket, int count) {
  std::vector<Fd> sockets;
  for (int i = 1; i < count; ++i) {
    sockets.emplace_back(::fcntl(socket.value(), F_DUPFD_CLOEXEC, 3));
    if (!sockets.back().is_open()) return std::unexpected(system_error("cannot copy a socket", errno));
  }
  sockets.push_back(std::move(socket));
  return sockets;
}

}  // namespace reseal::net
