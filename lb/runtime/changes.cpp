#include "lb/runtime/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "lb/config/places.h"

namespace reseal::runtime {
namespace {

template <class Entity>
const Entity* find(const std::vector<Entity>& entities, const std::string& name) {
  const auto found = std::ranges::find(entities, name, &Entity::name);
  return found == entities.end() ? nullptr : &*found;
}

config::ServerTls without_places(config::ServerTls tls) {
  tls.place = {};
  tls.certificate_places.clear();
  for (config::ListedCertificate& listed : tls.listed) listed.place = {};
  return tls;
}
config::ClientTls without_places(config::ClientTls tls) {
  tls.place = tls.ca_place = tls.certificate_place = tls.key_place = {};
  return tls;
}
config::Hop without_places(config::Hop hop) {
  if (hop.tls) hop.tls = without_places(*hop.tls);
  return hop;
}
config::OwnCheck without_places(config::OwnCheck own) {
  if (own.check) own.check->place = {};
  if (own.tls) own.tls = without_places(*own.tls);
  return own;
}
config::Persistence without_places(config::Persistence persistence) {
  persistence.place = {};
  if (persistence.cookie) persistence.cookie->key_file_place = {};
  return persistence;
}
template <class Section>
Section without_places(Section section) {
  section.place = {};
  return section;
}
std::vector<config::UserList> without_places(std::vector<config::UserList> lists) {
  for (config::UserList& list : lists) {
    list.place = {};
    for (config::User& user : list.users) user.place = {};
  }
  return lists;
}
std::vector<config::AccessLog> without_places(std::vector<config::AccessLog> logs) {
  for (config::AccessLog& log : logs) log.place = {};
  return logs;
}
std::vector<config::Rule> without_places(std::vector<config::Rule> rules) {
  for (config::Rule& rule : rules) {
    rule.place = rule.use_place = rule.when.place = {};
    if (rule.reply) rule.reply->place = {};
  }
  return rules;
}
std::vector<config::ErrorPage> without_places(std::vector<config::ErrorPage> pages) {
  for (config::ErrorPage& page : pages) page.place = {};
  return pages;
}

std::vector<config::RuleLine> without_places(std::vector<config::RuleLine> lines) {
  for (config::RuleLine& line : lines) line.places.clear();
  return lines;
}

/// Equal but for where they stand in the file.
template <class Section>
bool differ(Section before, Section after) {
  return without_places(std::move(before)) != without_places(std::move(after));
}
template <class Section>
bool differ(const std::optional<Section>& before, const std::optional<Section>& after) {
  if (before.has_value() != after.has_value()) return true;
  return before.has_value() && differ(*before, *after);
}

std::string server_text(const config::Server& server) {
  return fmt::format("server '{}' ({}:{})", server.name, server.host, server.port);
}

void compare_servers(const config::Backend& before, const config::Backend& after,
                     std::vector<std::string>& lines) {
  for (const config::Server& server : after.servers) {
    const config::Server* old = find(before.servers, server.name);
    if (old == nullptr) {
      lines.push_back(fmt::format("backend '{}': {} added", after.name, server_text(server)));
      continue;
    }
    const auto changed = [&](const std::string& what) {
      lines.push_back(fmt::format("backend '{}': server '{}' {}", after.name, server.name, what));
    };
    if (old->host != server.host || old->port != server.port) {
      changed(fmt::format("moved from {}:{} to {}:{}", old->host, old->port, server.host, server.port));
    }
    if (old->weight != server.weight) changed(fmt::format("weight {} -> {}", old->weight, server.weight));
    if (old->backup != server.backup) changed(server.backup ? "is now a backup" : "is no longer a backup");
    if (old->max_requests != server.max_requests) {
      changed(fmt::format("max_requests {} -> {}", old->max_requests, server.max_requests));
    }
    if (old->max_connections != server.max_connections) {
      changed(fmt::format("max_connections {} -> {}", old->max_connections, server.max_connections));
    }
    if (old->verify_host != server.verify_host) changed("verify_host changed");
    if (old->maintenance != server.maintenance) {
      changed(server.maintenance ? "is now out of service" : "is in service again");
    }
    if (old->options != server.options) changed("options changed");
    if (differ(old->hop, server.hop)) changed("tls, protocol or send_proxy changed");
    if (differ(old->own_check, server.own_check)) changed("check changed");
    if (differ(old->passive, server.passive)) changed("passive changed");
    if (old->cookie != server.cookie) changed("cookie changed");
    if (old->id != server.id) changed("id changed");
  }
  for (const config::Server& server : before.servers) {
    if (find(after.servers, server.name) == nullptr) {
      lines.push_back(fmt::format("backend '{}': {} removed", after.name, server_text(server)));
    }
  }
}

/// The binds that both have, but for where they stand in the file.
bool bind_settings_differ(const config::Frontend& before, const config::Frontend& after) {
  return std::ranges::any_of(after.binds, [&](const config::Bind& bind) {
    const auto old = std::ranges::find(before.binds, bind.text(), &config::Bind::text);
    return old != before.binds.end() && (old->tls != bind.tls || old->accept_proxy != bind.accept_proxy ||
                                         without_places(old->own_tls) != without_places(bind.own_tls));
  });
}

void compare_binds(const config::Frontend& before, const config::Frontend& after,
                   std::vector<std::string>& lines) {
  const auto listens = [](const config::Frontend& frontend, const config::Bind& bind) {
    return std::ranges::any_of(frontend.binds,
                               [&](const config::Bind& other) { return other.text() == bind.text(); });
  };
  for (const config::Bind& bind : after.binds) {
    if (!listens(before, bind))
      lines.push_back(fmt::format("frontend '{}': now listens on {}", after.name, bind.text()));
  }
  for (const config::Bind& bind : before.binds) {
    if (!listens(after, bind)) {
      lines.push_back(fmt::format("frontend '{}': no longer listens on {}", after.name, bind.text()));
    }
  }
}

/// "frontend 'web': timeouts, limits changed"; values that know their place are compared without it.
class SettingsChanged {
 public:
  SettingsChanged(const char* kind, const std::string& name) : who_(fmt::format("{} '{}': ", kind, name)) {}
  void note(const char* setting, bool changed) {
    if (changed) names_ += (names_.empty() ? "" : ", ") + std::string(setting);
  }
  void report(std::vector<std::string>& lines) const {
    if (!names_.empty()) lines.push_back(who_ + names_ + " changed");
  }

 private:
  std::string who_;
  std::string names_;
};

void compare_frontends(const config::Frontend& before, const config::Frontend& after,
                       std::vector<std::string>& lines) {
  compare_binds(before, after, lines);
  SettingsChanged changed("frontend", after.name);
  changed.note("settings of binds", bind_settings_differ(before, after));
  changed.note("mode", before.mode != after.mode);
  changed.note("tls", differ(before.tls, after.tls) || before.tls_passthrough != after.tls_passthrough);
  changed.note("rules", differ(before.rules, after.rules));
  changed.note("default", before.default_backend != after.default_backend);
  changed.note("redirect",
               before.redirect_https != after.redirect_https || before.redirect_port != after.redirect_port);
  changed.note("path", before.path != after.path);
  changed.note("underscore_fields", before.underscore_fields != after.underscore_fields);
  changed.note("request_id", before.request_id != after.request_id);
  changed.note("error_pages", differ(before.error_pages, after.error_pages));
  changed.note("max_body_size", before.max_body_size != after.max_body_size);
  changed.note("forwarded", before.forwarded != after.forwarded);
  changed.note("address fields", before.address_fields != after.address_fields);
  changed.note("connections", before.connections != after.connections);
  changed.note("compression", before.compression != after.compression);
  changed.note("h2c", before.h2c != after.h2c);
  changed.note("connect", before.connect != after.connect);
  changed.note("accept_proxy", before.accept_proxy != after.accept_proxy);
  changed.note("trusted_proxies", before.trusted_proxies != after.trusted_proxies);
  changed.note("timeouts", differ(before.timeouts, after.timeouts));
  changed.note("limits", before.max_head_bytes != after.max_head_bytes ||
                             before.max_fields != after.max_fields ||
                             before.max_streams != after.max_streams);
  changed.note("access_log", differ(before.access_logs, after.access_logs) ||
                                 before.log_policy != after.log_policy ||
                                 before.error_log_format != after.error_log_format);
  changed.note("captures", before.captures != after.captures);
  changed.note("unique_id", before.unique_id != after.unique_id);
  changed.note("cause_header", before.cause_header != after.cause_header);
  changed.report(lines);
}

void compare_backends(const config::Backend& before, const config::Backend& after,
                      std::vector<std::string>& lines) {
  compare_servers(before, after, lines);
  SettingsChanged changed("backend", after.name);
  changed.note("balance", before.balance != after.balance);
  changed.note("tls", differ(before.tls, after.tls) || before.tls_passthrough != after.tls_passthrough);
  changed.note("protocol", before.protocol != after.protocol);
  changed.note("send_proxy",
               before.send_proxy != after.send_proxy || before.proxy_additions != after.proxy_additions);
  changed.note("plaintext", before.plaintext != after.plaintext);
  changed.note("check", differ(before.check, after.check));
  changed.note("passive", differ(before.passive, after.passive));
  changed.note("timeouts", differ(before.timeouts, after.timeouts));
  changed.note("persistence",
               differ(before.persistence, after.persistence) || before.asks_down != after.asks_down);
  changed.note("address fields", before.address_fields != after.address_fields);
  changed.note("connections", before.connections != after.connections);
  changed.note("stick", differ(before.stick_rules, after.stick_rules));
  changed.note("compression", before.compression != after.compression);
  changed.note("retry", differ(before.retry, after.retry));
  changed.note("outlier", before.outlier != after.outlier);
  changed.note("max_requests", before.max_requests != after.max_requests);
  changed.note("max_connections", before.max_connections != after.max_connections);
  changed.note("full_load", before.full_load != after.full_load);
  changed.note("queue", differ(before.queue, after.queue));
  changed.note("slow_start", before.slow_start != after.slow_start);
  changed.note("panic_threshold", before.panic_threshold != after.panic_threshold);
  changed.note("log", differ(before.message_logs, after.message_logs));
  changed.note("pool_size", before.pool_size != after.pool_size);
  changed.report(lines);
}

void compare_stick_tables(const config::StickTable& before, const config::StickTable& after,
                          std::vector<std::string>& lines) {
  if (before.definition == after.definition) return;
  lines.push_back(
      fmt::format("stick table '{}' changed{}", after.name,
                  after.definition.keeps_entries_of(before.definition) ? "" : ": it begins empty"));
}

template <class Entity, class Compare>
void compare_entities(const char* kind, const std::vector<Entity>& before, const std::vector<Entity>& after,
                      std::vector<std::string>& lines, Compare compare) {
  for (const Entity& entity : after) {
    if (const Entity* old = find(before, entity.name)) {
      compare(*old, entity, lines);
    } else {
      lines.push_back(fmt::format("{} '{}' added", kind, entity.name));
    }
  }
  for (const Entity& entity : before) {
    if (find(after, entity.name) == nullptr)
      lines.push_back(fmt::format("{} '{}' removed", kind, entity.name));
  }
}

}  // namespace

std::string describe_changes(const config::Configuration& before, const config::Configuration& after) {
  std::vector<std::string> lines;
  compare_entities("frontend", before.frontends, after.frontends, lines, compare_frontends);
  compare_entities("backend", before.backends, after.backends, lines, compare_backends);
  compare_entities("stick table", before.stick_tables, after.stick_tables, lines, compare_stick_tables);
  if (differ(before.variables, after.variables)) lines.emplace_back("variables changed");
  if (differ(before.user_lists, after.user_lists)) lines.emplace_back("users changed");
  compare_entities(
      "resolvers", before.resolvers, after.resolvers, lines,
      [](const config::Resolvers& old, const config::Resolvers& now, std::vector<std::string>& to) {
        if (differ(old, now)) to.push_back(fmt::format("resolvers '{}' changed", now.name));
      });
  if (before.drain != after.drain) lines.emplace_back("drain changed");
  if (before.log_level != after.log_level) lines.emplace_back("log.level changed");
  if (differ(before.access_logs, after.access_logs)) lines.emplace_back("access_log changed");
  if (before.workers != after.workers)
    lines.emplace_back("workers: takes effect at the next start, not by reload");
  if (before.admin.socket != after.admin.socket) {
    lines.emplace_back("admin.socket: takes effect at the next start, not by reload");
  }
  // Lines may have moved.
  const config::Configuration was = config::without_places(before);
  const config::Configuration is = config::without_places(after);
  if (was.runtime_api != is.runtime_api) {
    lines.emplace_back("stats socket, timeout and maxconn: take effect at the next start, not by reload");
  }
  if (was.process != is.process) {
    lines.emplace_back("process: takes effect at the next start, not by reload");
  }
  const auto http_text = [](const config::Admin& admin) {
    return admin.http ? admin.http->text() : std::string();
  };
  if (http_text(before.admin) != http_text(after.admin)) {
    lines.emplace_back("admin.http: takes effect at the next start, not by reload");
  }
  if (before.admin.http_hosts != after.admin.http_hosts) {
    lines.emplace_back("admin.http_hosts: takes effect at the next start, not by reload");
  }
  if (before.max_connections != after.max_connections) {
    lines.emplace_back("max_connections: takes effect at the next start, not by reload");
  }
  if (lines.empty()) {
    return "no setting changed; certificates, pages and names were read anew";
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace reseal::runtime
