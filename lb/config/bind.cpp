#include "lb/config/bind.h"

#include <algorithm>

#include "lb/config/model.h"

namespace reseal::config {

std::string Bind::text() const {
  if (kind == BindKind::kDescriptor) return "fd@" + std::to_string(descriptor);
  if (kind != BindKind::kAddress) return (kind == BindKind::kUnix ? "unix@" : "abns@") + host;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string RuntimeSocket::text() const {
  if (bind.kind != BindKind::kAddress) return bind.text();
  return (bind.host.find(':') != std::string::npos ? "ipv6@" : "ipv4@") + bind.text();
}

const ServerTls* Frontend::tls_of(const Bind& bind) const {
  if (bind.tls == BindTls::kOwn) return &bind.own_tls;
  return bind.tls == BindTls::kOff || !tls ? nullptr : &*tls;
}

bool Frontend::has_tls_bind() const {
  return std::ranges::any_of(binds, [&](const Bind& bind) { return tls_of(bind) != nullptr; });
}

bool Frontend::has_plain_bind() const {
  return std::ranges::any_of(binds, [&](const Bind& bind) { return tls_of(bind) == nullptr; });
}

}  // namespace reseal::config
