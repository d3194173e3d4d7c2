#include "lb/net/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace reseal::net {
namespace {

std::unexpected<Error> failed(const char* what, int number = errno) {
  return reseal::fail(Code::kIo, Origin::kLocal, what, number);
}

/// Bound to these bytes, which may begin with a zero: an abstract name.
Result<Fd> bound_to(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof(address.sun_path)) {
    return failed("the socket's path is too long", ENAMETOOLONG);
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return failed("cannot create a socket");
  const bool is_abstract = name.starts_with('\0');
  const std::size_t length = offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1);
  if (::bind(fd.value(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)) != 0)
    return failed("cannot bind");
  return fd;
}

/// Before anybody can know of it.
Result<void> dress(const std::string& path, const UnixListenerOptions& options) {
  const auto user = options.user ? static_cast<uid_t>(*options.user) : static_cast<uid_t>(-1);
  const auto group = options.group ? static_cast<gid_t>(*options.group) : static_cast<gid_t>(-1);
  if ((options.user || options.group) && ::chown(path.c_str(), user, group) != 0)
    return failed("cannot set the owner of the socket");
  if (options.mode && ::chmod(path.c_str(), static_cast<mode_t>(*options.mode)) != 0)
    return failed("cannot set the mode of the socket");
  return {};
}

Result<Fd> listen_at_path(const UnixListenerOptions& options, int backlog) {
  struct stat status{};
  if (::lstat(options.path.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode))
    return failed("something that is no socket is in its place", ENOTSOCK);
  const std::string made = options.path + "." + std::to_string(::getpid()) + ".tmp";
  ::unlink(made.c_str());
  auto fd = bound_to(made);
  if (!fd) return fd;
  Result<void> done = dress(made, options);
  if (done && ::listen(fd->value(), backlog) != 0) done = failed("cannot listen");
  if (done && ::rename(made.c_str(), options.path.c_str()) != 0) done = failed("cannot put the socket there");
  if (done) return fd;
  ::unlink(made.c_str());
  return std::unexpected(done.error());
}

}  // namespace

Result<Fd> listen_unix_replacing(const UnixListenerOptions& options, int backlog) {
  if (!options.is_abstract) return listen_at_path(options, backlog);
  auto fd = bound_to(std::string(1, '\0') + options.path);
  if (fd && ::listen(fd->value(), backlog) != 0) return failed("cannot listen");
  return fd;
}

}  // namespace reseal::net
