#include "lb/runtime/bind_table.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "lb/net/listener.h"

namespace reseal::runtime {
namespace {

constexpr int kBacklog = 4096;  // the kernel lowers it to net.core.somaxconn

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

}  // namespace

Result<net::Address> address_of(const config::Bind& bind) {
  return net::Address::parse(bind.host == "*" ? "0.0.0.0" : bind.host, bind.port);
}

BindTable::Plan BindTable::plan(const config::Configuration& configuration, int workers) const {
  Plan plan;
  plan.per_worker.resize(static_cast<std::size_t>(workers));
  for (const config::Frontend& frontend : configuration.frontends) {
    for (const config::Bind& bind : frontend.binds) {
      // Port 0 may be written more than once, so its place among the frontend's binds is part of the key.
      const auto index = static_cast<std::size_t>(&bind - frontend.binds.data());
      const std::string key =
          bind.port == 0 ? fmt::format("{}#{}#{}", bind.text(), frontend.name, index) : bind.text();
      if (const auto known = addresses_.find(key); known != addresses_.end()) {
        plan.addresses[key] = known->second;
        for (auto& listeners : plan.per_worker) listeners.push_back({key, frontend.name, index, net::Fd()});
        continue;
      }
      const auto refuse = [&](const std::string& why) {
        plan.problems.push_back(
            {config::Severity::kError,
             configuration.file,
             bind.place,
             fmt::format("frontend '{}': cannot listen on {}: {}", frontend.name, bind.text(), why),
             {}});
      };
      const auto address = address_of(bind);
      if (!address) {
        refuse("not an IP address; write an address of this machine, or * for every one");
        continue;
      }
      auto sockets = net::listen_tcp(*address, workers, kBacklog);
      if (!sockets) {
        refuse(fmt::format("{}; {}", std::strerror(sockets.error().system), advice(sockets.error().system)));
        continue;
      }
      const std::string bound = net::bound_address(sockets->front().value()).text();
      plan.addresses[key] = bound;
      plan.opened.push_back(fmt::format("frontend={} address={}", frontend.name, bound));
      for (std::size_t i = 0; i < sockets->size(); ++i) {
        plan.per_worker[i].push_back({key, frontend.name, index, std::move((*sockets)[i])});
      }
    }
  }
  return plan;
}

}  // namespace reseal::runtime
