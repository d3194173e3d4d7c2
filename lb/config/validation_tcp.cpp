#include "lb/config/validation_tcp.h"

#include <set>

namespace reseal::config {
namespace {

/// A mode: tcp rule knows the client's address and, from its TLS, a host and protocols; it can send it somewhere or
/// turn it away.
bool fits_tcp(const Rule& rule) {
  const auto fits = [](Matches matches) {
    matches.hosts.clear();
    matches.addresses.clear();
    matches.protocols.clear();
    return matches.is_empty();
  };
  Rule rest = rule;
  rest.when = {};
  rest.use.clear();
  rest.deny = 0;
  rest.allow = false;
  rest.place = rest.use_place = {};
  return rest == Rule{} && fits(rule.when.all) && fits(rule.when.none);
}

}  // namespace

void check_alpn_rules(ValueReader& reader, const Frontend& frontend, const std::string& who) {
  if (frontend.tls_passthrough) return;
  for (const Rule& rule : frontend.rules) {
    if (rule.when.all.protocols.empty() && rule.when.none.protocols.empty()) continue;
    reader.error(rule.when.place,
                 who +
                     ": alpn is asked of TLS that is passed on unopened; it needs mode: tcp and "
                     "tls: passthrough");
  }
}

void check_tcp(ValueReader& reader, const Frontend& frontend, const std::string& who) {
  if (frontend.mode != Mode::kTcp) {
    if (frontend.tls_passthrough) {
      reader.error(frontend.place, who + ": tls: passthrough leaves HTTP unread; add mode: tcp");
    }
    return;
  }
  if (frontend.redirect_https) {
    reader.error(frontend.place, who + ": redirect needs mode: http");
  }
  const bool reads_names = frontend.tls || frontend.tls_passthrough;
  for (const Rule& rule : frontend.rules) {
    if (!fits_tcp(rule)) {
      reader.error(
          rule.place,
          who +
              ": in mode: tcp a rule can only ask for the address of the client and the host "
              "that its TLS names (SNI), and use, deny or allow; with tls: passthrough for alpn too");
    }
    if (!reads_names && !(rule.when.all.hosts.empty() && rule.when.none.hosts.empty())) {
      reader.error(rule.place,
                   who +
                       ": without tls there is no host to ask for; add tls: passthrough to read the "
                       "clients' own");
    }
  }
  const bool has_http_settings = frontend.path != PathPolicy{} || !frontend.request_id.field.empty() ||
                                 !frontend.error_pages.empty() || frontend.max_body_size ||
                                 frontend.underscore_fields != UnderscoreFields::kDrop;
  if (has_http_settings) {
    reader.error(
        frontend.place,
        who + ": path, underscore_fields, request_id, error_pages and max_body_size need mode: http");
  }
}

void check_tcp_backends(ValueReader& reader, const Configuration& configuration) {
  for (const Frontend& frontend : configuration.frontends) {
    if (frontend.mode != Mode::kTcp) continue;
    std::set<std::string> used{frontend.default_backend};
    for (const Rule& rule : frontend.rules) used.insert(rule.use);
    for (const Backend& backend : configuration.backends) {
      if (!used.contains(backend.name)) continue;
      const std::string who = "backend '" + backend.name + "': frontend '" + frontend.name +
                              "' passes connections on to it in mode: tcp, in which no HTTP is read; ";
      const auto& persistence = backend.persistence;
      if (persistence && (persistence->cookie || !persistence->table->header.empty()))
        reader.error(persistence->place, who + "use persistence: source");
      if (backend.compression) reader.error(backend.place, who + "compression is for another backend");
    }
  }
}

void check_passthrough(ValueReader& reader, const Configuration& configuration) {
  for (const Frontend& frontend : configuration.frontends) {
    std::set<std::string> used;
    if (!frontend.default_backend.empty()) used.insert(frontend.default_backend);
    for (const Rule& rule : frontend.rules) used.insert(rule.use);
    for (const Backend& backend : configuration.backends) {
      if (!used.contains(backend.name) || backend.tls_passthrough == frontend.tls_passthrough) continue;
      reader.error(frontend.place, "frontend '" + frontend.name + "' and backend '" + backend.name +
                                       "': tls: passthrough is for both or for neither");
    }
  }
}

}  // namespace reseal::config
