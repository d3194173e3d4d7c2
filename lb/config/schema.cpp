#include "lb/config/schema.h"

#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostWorkers = 256;
constexpr int kMostConnections = 10'000'000;

struct LogSection {
  Configuration& configuration;
};
constexpr Key<LogSection> kLogKeys[] = {
    {"level", [](ValueReader& r, const YamlNode& n, LogSection& log) {
       r.word<LogLevel>(n, "level",
                        {{"debug", LogLevel::kDebug}, {"info", LogLevel::kInfo}, {"warn", LogLevel::kWarn},
                         {"error", LogLevel::kError}},
                        log.configuration.log_level);
     }},
};

struct AdminSection {
  Admin& admin;
  bool public_http = false;
};
constexpr Key<AdminSection> kAdminKeys[] = {
    {"socket", [](ValueReader& r, const YamlNode& n, AdminSection& s) { r.path(n, "socket", s.admin.socket); }},
    {"http", [](ValueReader& r, const YamlNode& n, AdminSection& s) {
       Bind bind;
       read_bind(r, n, "http", bind);
       if (!bind.host.empty()) s.admin.http = bind;
     }},
    {"http_public", [](ValueReader& r, const YamlNode& n, AdminSection& s) {
       r.word<bool>(n, "http_public", {{"allowed", true}, {"refused", false}}, s.public_http);
     }},
};

void read_admin(ValueReader& reader, const YamlNode& node, Configuration& configuration) {
  configuration.admin.place = node.place;
  AdminSection section{configuration.admin};
  read_section<AdminSection>(reader, node, "admin", kAdminKeys, section);
  const auto& http = configuration.admin.http;
  if (!http || section.public_http) return;
  const auto address = net::Address::parse(http->host, http->port);
  if (!address || !address->is_loopback()) {
    reader.error(http->place, "admin.http on " + http->text() + " would show statistics to everybody who can reach it: it "
                              "asks for no password; bind it to 127.0.0.1, or spell out `http_public: allowed`");
  }
}

void read_workers(ValueReader& reader, const YamlNode& node, Configuration& configuration) {
  if (node.is_scalar() && node.text == "auto") {
    configuration.workers = 0;
  } else {
    reader.integer(node, "workers", 1, kMostWorkers, configuration.workers);
  }
}

template <class Entity, class Read>
void read_named(ValueReader& reader, const YamlNode& node, const char* what, std::vector<Entity>& entities, Read read) {
  if (!reader.is_map(node, what)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    Entity& entity = entities.emplace_back();
    entity.name = entry.key;
    entity.place = entry.key_place;
    read(reader, *entry.value, entity);
  }
}

constexpr Key<Configuration> kTopKeys[] = {
    {"workers", read_workers},
    {"max_connections", [](ValueReader& r, const YamlNode& n, Configuration& c) {
       r.integer(n, "max_connections", 1, kMostConnections, c.max_connections);
     }},
    {"drain", [](ValueReader& r, const YamlNode& n, Configuration& c) { r.duration(n, "drain", c.drain); }},
    {"log", [](ValueReader& r, const YamlNode& n, Configuration& c) {
       LogSection section{c};
       read_section<LogSection>(r, n, "log", kLogKeys, section);
     }},
    {"admin", read_admin},
    {"frontends", [](ValueReader& r, const YamlNode& n, Configuration& c) {
       read_named(r, n, "frontends", c.frontends, read_frontend);
     }},
    {"backends", [](ValueReader& r, const YamlNode& n, Configuration& c) {
       read_named(r, n, "backends", c.backends, read_backend);
     }},
};

}  // namespace

void read_configuration(ValueReader& reader, const YamlNode& root, Configuration& configuration) {
  read_section<Configuration>(reader, root, "the configuration", kTopKeys, configuration);
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  append_keys<Configuration>(keys, "", kTopKeys);
  append_keys<LogSection>(keys, "log.", kLogKeys);
  append_keys<AdminSection>(keys, "admin.", kAdminKeys);
  for (const std::string& key : frontend_keys()) keys.push_back("frontends.NAME." + key);
  for (const std::string& key : backend_keys()) keys.push_back("backends.NAME." + key);
  return keys;
}

}  // namespace reseal::config
