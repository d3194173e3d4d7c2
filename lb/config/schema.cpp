#include "lb/config/schema.h"

#include "lb/config/schema_users.h"
#include "lb/http/head_rules.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostWorkers = 256;
constexpr int kMostConnections = 10'000'000;

// ---- log

void read_level(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  reader.word<Log::Level>(node, key,
                          {{"debug", Log::Level::kDebug},
                           {"info", Log::Level::kInfo},
                           {"warn", Log::Level::kWarn},
                           {"error", Log::Level::kError}},
                          configuration.log_level);
}

constexpr Key<Configuration> kLogKeys[] = {
    {"level", read_level, "info", "debug"},
};

void read_log(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  read_section<Configuration>(reader, node, key, kLogKeys, configuration);
}

void read_access_log(ValueReader& reader, const YamlNode& node, const char* key,
                     Configuration& configuration) {
  configuration.access_logs = read_access_logs(reader, node, key);
}

// ---- admin

constexpr const char* kHostAccepted = "a host without port, such as lb1.example.org";

struct AdminSection {
  Admin& admin;
  bool public_http = false;
};

void read_admin_socket(ValueReader& reader, const YamlNode& node, const char* key, AdminSection& section) {
  constexpr std::size_t kLongestSocketPath = 107;  // sun_path of a unix socket's address, with its final NUL
  reader.path(node, key, section.admin.socket);
  if (section.admin.socket.size() > kLongestSocketPath) {
    reader.error(node.place, "the path of admin.socket, " + section.admin.socket + ", is " +
                                 std::to_string(section.admin.socket.size()) +
                                 " bytes long; a unix socket's may have 107");
  }
}

void read_admin_http(ValueReader& reader, const YamlNode& node, const char* key, AdminSection& section) {
  Bind bind;
  read_bind(reader, node, key, bind);
  if (!bind.host.empty()) section.admin.http = bind;
}

void read_http_public(ValueReader& reader, const YamlNode& node, const char* key, AdminSection& section) {
  reader.word<bool>(node, key, {{"allowed", true}, {"refused", false}}, section.public_http);
}

void read_http_hosts(ValueReader& reader, const YamlNode& node, const char* key, AdminSection& section) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string& host = section.admin.http_hosts.emplace_back();
    reader.visible(*text, key, kHostAccepted, host);
    if (!host.empty() && !http::is_valid_host(host)) {
      reader.error(text->place,
                   std::string(key) + " has '" + shortened(host) + "'; accepted: " + kHostAccepted);
    }
  }
}

constexpr Key<AdminSection> kAdminKeys[] = {
    {"socket", read_admin_socket, "/run/reseal/admin.sock", "/run/reseal/blue.sock"},
    {"http", read_admin_http, "(none)", "\"127.0.0.1:9901\""},
    {"http_public", read_http_public, "refused", "allowed"},
    {"http_hosts", read_http_hosts, "(none)", "lb1.example.org"},
};

void read_admin(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  configuration.admin.place = node.place;
  AdminSection section{configuration.admin};
  read_section<AdminSection>(reader, node, key, kAdminKeys, section);
  const auto& http = configuration.admin.http;
  if (!http || section.public_http) return;
  const auto address = net::Address::parse(http->host, http->port);
  if (!address || !address->is_loopback()) {
    reader.error(http->place,
                 "admin.http on " + http->text() +
                     " would show statistics to everybody who can reach it: it asks for no password; "
                     "bind it to 127.0.0.1, or spell out `http_public: allowed`");
  }
}

// ---- top level

void read_workers(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  if (node.is_scalar() && node.text == "auto") {
    configuration.workers = 0;
  } else {
    reader.integer(node, key, 1, kMostWorkers, configuration.workers, ", or auto");
  }
}

template <class Entity, class Read>
void read_named(ValueReader& reader, const YamlNode& node, const char* what, std::vector<Entity>& entities,
                Read read) {
  if (!reader.is_map(node, what)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    Entity& entity = entities.emplace_back();
    entity.name = shortened(entry.key);  // what is cut is too long for a name: validation says so
    entity.place = entry.key_place;
    read(reader, *entry.value, entity);
  }
}

void read_frontends(ValueReader& reader, const YamlNode& node, const char* key,
                    Configuration& configuration) {
  read_named(reader, node, key, configuration.frontends, read_frontend);
}

void read_backends(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  read_named(reader, node, key, configuration.backends, read_backend);
}

void read_all_resolvers(ValueReader& reader, const YamlNode& node, const char* key,
                        Configuration& configuration) {
  read_named(reader, node, key, configuration.resolvers, read_resolvers);
}

constexpr Key<Configuration> kTopKeys[] = {
    {"workers", read_workers, "auto", "4"},
    {"max_connections", integer_of<&Configuration::max_connections, 1, kMostConnections>, "(what fits)",
     "20000"},
    {"drain", duration_of<&Configuration::drain>, "30s", "1m"},
    {"log", read_log, "(below)", "{ level: warn }"},
    {"access_log", read_access_log, "off", "/var/log/reseal/access.log"},
    {"admin", read_admin, "(below)", "{ socket: /run/reseal/admin.sock }"},
    {"users", read_users, "(none)",
     "{ staff: { alice: \"$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA\" } }"},
    {"frontends", read_frontends, "(required)", "{ web: { bind: \"*:8080\", default: web } }"},
    {"backends", read_backends, "(none)", "{ web: { servers: { web1: \"127.0.0.1:8081\" } } }"},
    {"resolvers", read_all_resolvers, "(none)", "{ internal: { servers: \"10.0.0.2:53\" } }"},
};

}  // namespace

void read_configuration(ValueReader& reader, const YamlNode& root, Configuration& configuration) {
  read_section<Configuration>(reader, root, "the configuration", kTopKeys, configuration);
}

std::vector<KeyReference> reference() {
  std::vector<KeyReference> all;
  append_keys<Configuration>(all, "", kTopKeys);
  append_keys<Configuration>(all, "log.", kLogKeys);
  append_access_log_keys(all, "access_log.");
  append_keys<AdminSection>(all, "admin.", kAdminKeys);
  append_user_keys(all, "users.NAME.NAME.");
  append_frontend_keys(all, "frontends.NAME.");
  append_backend_keys(all, "backends.NAME.");
  append_resolvers_keys(all, "resolvers.NAME.");
  return all;
}

}  // namespace reseal::config
