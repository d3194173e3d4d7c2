#include "lb/net/socket_error.h"

#include <cerrno>

namespace reseal::net {

Error socket_error(int number, bool connecting) {
  switch (number) {
    case ECONNREFUSED:
      return {Code::kConnectFailed, Origin::kServer, "connection refused", number, 0, 0};
    case EHOSTUNREACH:
    case ENETUNREACH:
      return {Code::kConnectFailed, Origin::kServer, "host unreachable", number, 0, 0};
    case ETIMEDOUT:
      return {connecting ? Code::kConnectTimeout : Code::kIo,
              Origin::kServer,
              "connection timed out",
              number,
              0,
              0};
    case EMFILE:
    case ENFILE:
      return {Code::kOutOfDescriptors, Origin::kLocal, "out of file descriptors", number, 0, 0};
    case EADDRNOTAVAIL:
      return {Code::kConnectFailed, Origin::kLocal, "no local port left", number, 0, 0};
    case ECONNRESET:
    case EPIPE:
      return {
          connecting ? Code::kConnectFailed : Code::kIo, Origin::kServer, "connection reset", number, 0, 0};
    default:
      return {connecting ? Code::kConnectFailed : Code::kIo, Origin::kLocal, "socket error", number, 0, 0};
  }
}

}  // namespace reseal::net
