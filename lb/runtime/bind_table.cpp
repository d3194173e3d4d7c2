#include "lb/runtime/bind_table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lb/net/listening_socket.h"

namespace reseal::runtime {
namespace {

std::string advice(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another process listens there (see `ss -ltnp`); stop it or choose another port";
    case EACCES:
      return "ports below 1024 need root or CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
      return "this machine has no such address";
    default:
      return "see the system's message";
  }
}

std::string advice_on_files(int error) {
  return error == ENOENT ? "its folder does not exist" : "see the system's message";
}

/// Port 0 may be written more than once, so its place among the frontend's binds is part of the key.
std::string key_of(const config::Frontend& frontend, std::size_t index) {
  const config::Bind& bind = frontend.binds[index];
  const bool is_chosen = bind.kind == config::BindKind::kAddress && bind.port == 0;
  return is_chosen ? fmt::format("{}#{}#{}", bind.text(), frontend.name, index) : bind.text();
}

}  // namespace

Result<net::Address> address_of(const config::Bind& bind) {
  return net::Address::parse(bind.host == "*" ? "0.0.0.0" : bind.host, bind.port);
}

std::expected<std::vector<net::Fd>, std::string> listen_on(const config::Bind& bind, int workers,
                                                           bool joins_others) {
  net::ListenOptions options;
  const config::SocketSettings& settings = bind.socket;
  if (settings.backlog != 0) options.backlog = settings.backlog;
  const auto told = [&](const Error& error, const std::string& hint) {
    return std::unexpected(error.system == 0 ? std::string(error.detail)
                                             : fmt::format("{}; {}", std::strerror(error.system), hint));
  };
  if (bind.kind == config::BindKind::kAddress) {
    options.interface = settings.interface;
    options.segment_size = settings.segment_size;
    options.user_timeout = settings.user_timeout;
    options.fast_open = settings.fast_open;
    options.defer_accept = settings.defer_accept;
    options.joins_others = joins_others;
    const auto address = address_of(bind);
    if (!address)
      return std::unexpected("not an IP address; write an address of this machine, or * for every one");
    auto sockets = net::listen_tcp(*address, workers, options);
    if (!sockets) return told(sockets.error(), advice(sockets.error().system));
    return std::move(*sockets);
  }
  auto socket =
      bind.kind == config::BindKind::kDescriptor ? net::listen_inherited(bind.descriptor, options.backlog)
      : bind.kind == config::BindKind::kAbstract
          ? net::listen_abstract(bind.host, options.backlog)
          : net::replace_unix(bind.host, {settings.mode, settings.user, settings.group}, options.backlog);
  if (!socket)
    return told(socket.error(),
                fmt::format("{}; {}", socket.error().detail, advice_on_files(socket.error().system)));
  auto sockets = net::shared(std::move(*socket), workers);
  if (!sockets) return told(sockets.error(), sockets.error().detail);
  return std::move(*sockets);
}

BindTable::Plan BindTable::plan(const config::Configuration& configuration, int workers,
                                bool joins_others) const {
  Plan plan;
  plan.per_worker.resize(static_cast<std::size_t>(workers));
  for (const config::Frontend& frontend : configuration.frontends) {
    for (std::size_t index = 0; index < frontend.binds.size(); ++index) {
      const config::Bind& bind = frontend.binds[index];
      const std::string key = key_of(frontend, index);
      if (const auto known = addresses_.find(key); known != addresses_.end()) {
        plan.addresses[key] = known->second;
        for (auto& listeners : plan.per_worker) listeners.push_back({key, frontend.name, index, net::Fd()});
        continue;
      }
      auto sockets = listen_on(bind, workers, joins_others);
      if (!sockets) {
        plan.problems.push_back({config::Severity::kError,
                                 configuration.file,
                                 bind.place,
                                 fmt::format("frontend '{}': cannot listen on {}: {}", frontend.name,
                                             bind.text(), sockets.error()),
                                 {}});
        continue;
      }
      if (bind.kind == config::BindKind::kDescriptor) plan.copied.push_back(bind.descriptor);
      const net::Address address = net::bound_address(sockets->front().value());
      const std::string bound = address.family() == AF_UNSPEC ? bind.text() : address.text();
      plan.addresses[key] = bound;
      plan.opened.push_back(fmt::format("frontend={} address={}", frontend.name, bound));
      for (std::size_t i = 0; i < sockets->size(); ++i) {
        plan.per_worker[i].push_back({key, frontend.name, index, std::move((*sockets)[i])});
      }
    }
  }
  return plan;
}

void BindTable::commit(const Plan& plan) {
  addresses_ = plan.addresses;
  for (const int descriptor : plan.copied) ::close(descriptor);
}

}  // namespace reseal::runtime
