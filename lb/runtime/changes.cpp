#include "lb/runtime/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace reseal::runtime {
namespace {

template <class Entity>
const Entity* find(const std::vector<Entity>& entities, const std::string& name) {
  const auto found = std::ranges::find(entities, name, &Entity::name);
  return found == entities.end() ? nullptr : &*found;
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
    } else if (old->host != server.host || old->port != server.port) {
      lines.push_back(fmt::format("backend '{}': server '{}' moved from {}:{} to {}:{}", after.name,
                                  server.name, old->host, old->port, server.host, server.port));
    } else if (old->weight != server.weight) {
      lines.push_back(fmt::format("backend '{}': server '{}': weight {} -> {}", after.name, server.name,
                                  old->weight, server.weight));
    } else if (old->backup != server.backup) {
      lines.push_back(fmt::format("backend '{}': server '{}' is {} a backup", after.name, server.name,
                                  server.backup ? "now" : "no longer"));
    }
  }
  for (const config::Server& server : before.servers) {
    if (find(after.servers, server.name) == nullptr) {
      lines.push_back(fmt::format("backend '{}': {} removed", after.name, server_text(server)));
    }
  }
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
  compare_entities("frontend", before.frontends, after.frontends, lines, compare_binds);
  compare_entities("backend", before.backends, after.backends, lines, compare_servers);
  if (before.workers != after.workers)
    lines.emplace_back("workers: takes effect at the next start, not by reload");
  if (before.admin.socket != after.admin.socket) {
    lines.emplace_back("admin.socket: takes effect at the next start, not by reload");
  }
  const auto http_text = [](const config::Admin& admin) {
    return admin.http ? admin.http->text() : std::string();
  };
  if (http_text(before.admin) != http_text(after.admin)) {
    lines.emplace_back("admin.http: takes effect at the next start, not by reload");
  }
  if (before.max_connections != after.max_connections) {
    lines.emplace_back("max_connections: takes effect at the next start, not by reload");
  }
  if (lines.empty()) {
    return "no frontend, backend, server or address came, went or moved; certificates and every other "
           "setting were "
           "read anew";
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace reseal::runtime
