#include "lb/config/validation.h"

#include <algorithm>
#include <map>
#include <set>

#include "lb/net/address.h"
#include "lb/net/cidr.h"

namespace reseal::config {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::uint16_t kHttpsPort = 443;

void check_name(ValueReader& reader, const std::string& name, Place place, const char* what) {
  const bool fits = !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
  if (!fits) {
    reader.error(place, std::string(what) + " '" + name + "': a name is 1 to 64 letters, digits, '_', '-' and '.'");
  }
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  const auto address = net::Address::parse(host, 0);
  return address && address->is_loopback();
}

/// A name may still lead to a loopback address; the resolver tells when the generation is built.
bool is_numeric(const std::string& host) { return net::Address::parse(host, 0).has_value(); }

std::vector<std::string> backend_names(const Configuration& configuration) {
  std::vector<std::string> names;
  for (const Backend& backend : configuration.backends) names.push_back(backend.name);
  return names;
}

// ---- frontends

void check_binds(ValueReader& reader, const Configuration& configuration) {
  struct Seen {
    const Bind* bind;
    const Frontend* frontend;
  };
  std::map<std::uint16_t, std::vector<Seen>> by_port;
  for (const Frontend& frontend : configuration.frontends) {
    for (const Bind& bind : frontend.binds) {
      if (bind.port == 0) continue;
      for (const Seen& other : by_port[bind.port]) {
        const bool v6 = bind.host.find(':') != std::string::npos;
        const bool other_v6 = other.bind->host.find(':') != std::string::npos;
        const auto any = [](const Bind& b) { return b.host == "*" || b.host == "0.0.0.0" || b.host == "::"; };
        const bool overlap = v6 == other_v6 && (any(bind) || any(*other.bind) || bind.host == other.bind->host);
        if (!overlap) continue;
        reader.error(bind.place, "frontend '" + frontend.name + "': " + bind.text() + " overlaps with " +
                                     other.bind->text() + " of frontend '" + other.frontend->name + "' (line " +
                                     std::to_string(other.bind->place.line) + ")");
      }
      by_port[bind.port].push_back({&bind, &frontend});
    }
  }
}

void check_frontend(ValueReader& reader, const Frontend& frontend, const std::vector<std::string>& backends) {
  check_name(reader, frontend.name, frontend.place, "frontend");
  const std::string who = "frontend '" + frontend.name + "'";
  const auto exists = [&](const std::string& name) { return std::ranges::find(backends, name) != backends.end(); };
  const auto missing = [&](const std::string& name, Place place) {
    reader.error(place, who + ": there is no backend '" + name + "'" + did_you_mean(name, backends));
  };
  if (frontend.binds.empty()) reader.error(frontend.place, who + " listens nowhere; add bind: \"*:443\"");
  if (!frontend.default_backend.empty() && !exists(frontend.default_backend)) {
    missing(frontend.default_backend, frontend.default_place);
  }
  for (const Rule& rule : frontend.rules) {
    if (!rule.use.empty() && !exists(rule.use)) missing(rule.use, rule.use_place);
  }
  const bool leads_nowhere = frontend.default_backend.empty() && frontend.rules.empty() && !frontend.redirect_https;
  if (leads_nowhere) reader.error(frontend.place, who + " leads nowhere; add default: BACKEND, rules: or redirect: https");
  if (frontend.redirect_https && frontend.tls) reader.error(frontend.place, who + " has tls and redirects to https: a loop");
  if (frontend.tls && frontend.tls->certificates.empty()) {
    reader.error(frontend.tls->place, who + ": tls needs certificates: [FILE or FOLDER, ...]");
  }
  net::CidrSet blocks;
  for (const std::string& block : frontend.trusted_proxies) {
    if (const auto added = blocks.add(block); !added) {
      reader.error(frontend.place, who + ": trusted_proxies has '" + block + "': " + added.error());
    }
  }
  if (frontend.tls || frontend.redirect_https) return;
  for (const Bind& bind : frontend.binds) {
    if (bind.port == kHttpsPort) {
      reader.warning(bind.place, who + " serves port 443 without tls: browsers will not understand it");
    } else if (!is_loopback(bind.host)) {
      reader.warning(bind.place, who + ": clients of " + bind.text() + " talk plaintext HTTP; add tls: or redirect: https");
    }
  }
}

// ---- backends

void check_hop(ValueReader& reader, const Backend& backend, const Server& server) {
  if (backend.tls || server.host.empty() || is_loopback(server.host)) return;
  const std::string hop = "backend '" + backend.name + "', server '" + server.name + "': requests ";
  const std::string where = server.host + ":" + std::to_string(server.port);
  if (backend.plaintext == Plaintext::kAllowed) {
    reader.warning(server.place, hop + "cross the network to " + where + " in plaintext (plaintext: allowed)");
  } else if (is_numeric(server.host)) {
    reader.error(server.place, hop + "would cross the network to " + where + " in plaintext; give the backend a `tls:` "
                               "section, or spell out `plaintext: allowed`");
  }
}

void check_servers(ValueReader& reader, const Backend& backend) {
  std::map<std::pair<std::string, std::uint16_t>, const Server*> seen;
  for (const Server& server : backend.servers) {
    check_name(reader, server.name, server.place, "server");
    check_hop(reader, backend, server);
    if (server.host.empty()) continue;
    const auto [other, is_new] = seen.emplace(std::pair(server.host, server.port), &server);
    if (!is_new) {
      reader.error(server.place, "backend '" + backend.name + "': server '" + server.name + "' has the address of server '" +
                                     other->second->name + "'");
    }
  }
  if (backend.servers.empty()) reader.error(backend.place, "backend '" + backend.name + "' has no servers");
  const bool idle = !backend.servers.empty() && std::ranges::all_of(backend.servers, [](const Server& s) { return s.weight == 0; });
  if (idle) reader.warning(backend.place, "backend '" + backend.name + "': every weight is 0, so no server gets a request");
}

void check_backend(ValueReader& reader, const Backend& backend) {
  check_name(reader, backend.name, backend.place, "backend");
  check_servers(reader, backend);
  const std::string who = "backend '" + backend.name + "'";
  if (backend.tls && !backend.tls->verify) {
    reader.warning(backend.tls->place, who + ": verify: none: anybody who can answer at its servers' addresses can read and "
                                             "change the traffic");
  }
  if (backend.tls && backend.tls->certificate.empty()) {
    reader.warning(backend.tls->place, who + ": tls without certificate: its servers cannot tell this load balancer from "
                                             "anybody else; add certificate: for mutual TLS");
  }
  if (backend.tls && !backend.tls->key.empty() && backend.tls->certificate.empty()) {
    reader.error(backend.tls->key_place, who + ": tls has a key but no certificate");
  }
  if (backend.check && backend.check->timeout > backend.check->interval * 5) {
    reader.warning(backend.check->place, who + ": a check may take longer than five intervals; its servers are checked less "
                                               "often than interval says");
  }
}

void check_unused_backends(ValueReader& reader, const Configuration& configuration) {
  std::set<std::string> used;
  for (const Frontend& frontend : configuration.frontends) {
    used.insert(frontend.default_backend);
    for (const Rule& rule : frontend.rules) used.insert(rule.use);
  }
  for (const Backend& backend : configuration.backends) {
    if (!used.contains(backend.name)) {
      reader.warning(backend.place, "backend '" + backend.name + "' is not used by any frontend");
    }
  }
}

}  // namespace

void validate(ValueReader& reader, const Configuration& configuration) {
  const auto names = backend_names(configuration);
  if (configuration.frontends.empty()) reader.error({1, 1}, "there is no frontend: nothing would be served (frontends: ...)");
  for (const Frontend& frontend : configuration.frontends) check_frontend(reader, frontend, names);
  check_binds(reader, configuration);
  for (const Backend& backend : configuration.backends) check_backend(reader, backend);
  check_unused_backends(reader, configuration);
}

}  // namespace reseal::config
