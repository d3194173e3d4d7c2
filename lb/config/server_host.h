// Servers that are reached by a unix socket: how the model writes where they are. Pure.
#pragma once

#include <string>
#include <string_view>

namespace reseal::config {

constexpr std::string_view kPathSocket = "unix@";
constexpr std::string_view kAbstractSocket = "abns@";

/// "unix@/run/app.sock" and "abns@app".
constexpr bool is_socket(std::string_view host) {
  return (host.starts_with(kPathSocket) || host.starts_with(kAbstractSocket)) &&
         host.size() > kPathSocket.size();
}

/// As net::TcpStream takes it: the path, or a zero byte and the name. With is_socket().
inline std::string socket_of(std::string_view host) {
  const std::string name(host.substr(kPathSocket.size()));
  return host.starts_with(kAbstractSocket) ? '\0' + name : name;
}

}  // namespace reseal::config
