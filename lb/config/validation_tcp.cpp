#include "lb/config/validation_tcp.h"

#include "lb/config/validation.h"

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

std::string listed(std::initializer_list<std::pair<const char*, bool>> keys) {
  std::string text;
  for (const auto& [key, is_set] : keys) {
    if (!is_set) continue;
    if (!text.empty()) text += ", ";
    text += key;
  }
  return text;
}

/// The keys that only HTTP can obey and that are set to something.
std::string http_keys_of(const Frontend& frontend) {
  const Frontend plain;
  return listed({{"path", frontend.path != plain.path},
                 {"underscore_fields", frontend.underscore_fields != plain.underscore_fields},
                 {"request_id", !frontend.request_id.field.empty()},
                 {"error_pages", !frontend.error_pages.empty()},
                 {"max_body_size", frontend.max_body_size.has_value()},
                 {"forwarded", frontend.forwarded != plain.forwarded},
                 {"trusted_proxies", !frontend.trusted_proxies.empty()},
                 {"connect", frontend.connect != plain.connect},
                 {"h2c", frontend.h2c != plain.h2c},
                 {"cause_header", !frontend.cause_header.empty()},
                 {"limits.fields", frontend.max_fields != plain.max_fields},
                 {"limits.streams", frontend.max_streams != plain.max_streams},
                 {"timeouts.request_body", frontend.timeouts.request_body != plain.timeouts.request_body},
                 {"timeouts.keep_alive", frontend.timeouts.keep_alive != plain.timeouts.keep_alive}});
}

std::string http_keys_of(const Backend& backend) {
  const auto& persistence = backend.persistence;
  return listed({{"balance: hash: header", backend.balance.kind == BalanceKind::kHashHeader},
                 {"persistence by cookie or header (source is left)",
                  persistence && (persistence->cookie || persistence->server_cookie ||
                                  (persistence->table && !persistence->table->header.empty()))},
                 {"compression", backend.compression.has_value()},
                 {"protocol", backend.protocol != Protocol::kHttp1},
                 {"the statuses of retry.on", !backend.retry.statuses.empty()}});
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
  const bool reads_names = frontend.has_tls_bind() || frontend.tls_passthrough;
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
  if (const std::string keys = http_keys_of(frontend); !keys.empty()) {
    reader.error(frontend.place, who + ": in mode: tcp no HTTP is read; take out " + keys);
  }
}

void check_tcp_backends(ValueReader& reader, const Configuration& configuration) {
  for (const Frontend& frontend : configuration.frontends) {
    if (frontend.mode != Mode::kTcp) continue;
    const auto used = used_backends(frontend);
    for (const Backend& backend : configuration.backends) {
      if (!used.contains(backend.name)) continue;
      if (const std::string keys = http_keys_of(backend); !keys.empty()) {
        reader.error(backend.place,
                     "backend '" + backend.name + "': frontend '" + frontend.name +
                         "' passes connections on to it in mode: tcp, in which no HTTP is read; take "
                         "out " +
                         keys);
      }
    }
  }
}

void check_passthrough(ValueReader& reader, const Configuration& configuration) {
  for (const Frontend& frontend : configuration.frontends) {
    const auto used = used_backends(frontend);
    for (const Backend& backend : configuration.backends) {
      if (!used.contains(backend.name) || backend.tls_passthrough == frontend.tls_passthrough) continue;
      reader.error(frontend.place, "frontend '" + frontend.name + "' and backend '" + backend.name +
                                       "': tls: passthrough is for both or for neither");
    }
  }
}

}  // namespace reseal::config
