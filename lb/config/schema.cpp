#include "lb/config/schema.h"
#include "lb/config/schema_backend.h"
#include "lb/config/schema_frontend.h"

#include <array>

#include "lb/config/schema_users.h"
#include "lb/config/yaml_writer.h"
#include "lb/http/head_rules.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostWorkers = 256;
constexpr int kMostConnections = 10'000'000;

// ---- log

constexpr std::array<std::pair<const char*, Log::Level>, 4> kLevels = {{
    {"debug", Log::Level::kDebug},
    {"info", Log::Level::kInfo},
    {"warn", Log::Level::kWarn},
    {"error", Log::Level::kError},
}};

constexpr Key<Configuration> kLogKeys[] = {
    word_key<&Configuration::log_level, kLevels>("level", "info", "debug"),
};

void read_log(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  read_section<Configuration>(reader, node, key, kLogKeys, configuration);
}

void write_log(SectionWriter& writer, const char* key, const Configuration& configuration,
               const Configuration& usual) {
  writer.section(key, [&](SectionWriter& inner) {
    write_section<Configuration>(inner, kLogKeys, configuration, usual);
  });
}

void read_access_log(ValueReader& reader, const YamlNode& node, const char* key,
                     Configuration& configuration) {
  configuration.access_logs = read_access_logs(reader, node, key);
}
void write_access_log(SectionWriter& writer, const char* key, const Configuration& configuration,
                      const Configuration&) {
  if (!configuration.access_logs.empty()) write_access_logs(writer, key, configuration.access_logs);
}

// ---- admin

constexpr const char* kHostAccepted = "a host without port, such as lb1.example.org";

struct AdminSection {
  Admin& admin;
  bool public_http = false;
};

void read_admin_socket(ValueReader& reader, const YamlNode& node, const char* key, AdminSection& section) {
  constexpr std::size_t kLongestSocketPath = 107;  // sun_path of a unix socket's address, with its final NUL
  if (node.is_scalar() && node.text == "off") {
    section.admin.socket.clear();
    return;
  }
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

bool is_loopback(const Bind& bind) {
  const auto address = net::Address::parse(bind.host, bind.port);
  return address && address->is_loopback();
}

void read_admin(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  configuration.admin.place = node.place;
  AdminSection section{configuration.admin};
  read_section<AdminSection>(reader, node, key, kAdminKeys, section);
  const auto& http = configuration.admin.http;
  if (!http || section.public_http) return;
  if (!is_loopback(*http)) {
    reader.error(http->place,
                 "admin.http on " + http->text() +
                     " would show statistics to everybody who can reach it: it asks for no password; "
                     "bind it to 127.0.0.1, or spell out `http_public: allowed`");
  }
}

/// The whole of it, since it is a section apart that is read.
void write_admin(SectionWriter& writer, const char* key, const Configuration& configuration,
                 const Configuration& usual) {
  const Admin& admin = configuration.admin;
  writer.section(key, [&](SectionWriter& inner) {
    if (admin.socket != usual.admin.socket) inner.text("socket", admin.socket.empty() ? "off" : admin.socket);
    if (admin.http) inner.text("http", admin.http->text());
    if (admin.http && !is_loopback(*admin.http)) inner.text("http_public", "allowed");
    if (!admin.http_hosts.empty()) inner.texts("http_hosts", admin.http_hosts);
  });
}

// ---- top level

void read_workers(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  if (node.is_scalar() && node.text == "auto") {
    configuration.workers = 0;
  } else {
    reader.integer(node, key, 1, kMostWorkers, configuration.workers, ", or auto");
  }
}

void write_workers(SectionWriter& writer, const char* key, const Configuration& configuration,
                   const Configuration&) {
  if (configuration.workers != 0) writer.number(key, configuration.workers);
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

/// Each in lines of its own, below what is known of its place.
template <class Entity, class Write>
void write_named(SectionWriter& writer, const char* key, const std::vector<Entity>& entities, Write write) {
  writer.section(key, [&](SectionWriter& inner) {
    for (const Entity& entity : entities) {
      inner.section(entity.name, [&](SectionWriter& own) { write(own, entity); }, true);
      inner.comment_last(inner.comments_at(entity.place));
      inner.last_in_lines();
    }
  });
}

void read_node(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  reader.visible(node, key, "the name of a machine", configuration.node);
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
void write_all_resolvers(SectionWriter& writer, const char* key, const Configuration& configuration,
                         const Configuration&) {
  write_named(writer, key, configuration.resolvers, write_resolvers);
}

void write_frontends(SectionWriter& writer, const char* key, const Configuration& configuration,
                     const Configuration&) {
  write_named(writer, key, configuration.frontends, write_frontend);
}
void write_backends(SectionWriter& writer, const char* key, const Configuration& configuration,
                    const Configuration&) {
  write_named(writer, key, configuration.backends, write_backend);
}

void read_stick_tables(ValueReader& reader, const YamlNode& node, const char* key,
                       Configuration& configuration) {
  read_named(reader, node, key, configuration.stick_tables, read_stick_table);
}
void write_stick_tables(SectionWriter& writer, const char* key, const Configuration& configuration,
                        const Configuration&) {
  write_named(writer, key, configuration.stick_tables, write_stick_table);
}

constexpr Key<Configuration> kTopKeys[] = {
    {"workers", read_workers, "auto", "4", write_workers},
    integer_key<&Configuration::max_connections, 1, kMostConnections>("max_connections", "(what fits)",
                                                                      "20000"),
    duration_key<&Configuration::drain>("drain", "30s", "1m"),
    {"log", read_log, "(below)", "{ level: warn }", write_log},
    {"access_log", read_access_log, "off", "/var/log/reseal/access.log", write_access_log},
    {"process", read_process, "(below)", "{ user: nobody, group: nogroup }", write_process},
    {"node", read_node, "(the machine's name)", "lb1", write_text<&Configuration::node>},
    text_key<&Configuration::description>("description", "(none)", "\"the shop's front\""),
    {"admin", read_admin, "(below)", "{ socket: /run/reseal/admin.sock }", write_admin},
    {"runtime_api", read_runtime_api, "(none)", "{ sockets: [{ bind: unix@/run/reseal/api.sock }] }",
     write_runtime_api},
    {"stick_tables", read_stick_tables, "(none)",
     "{ clients: { type: ip, size: 100000, store: [conn_cur] } }", write_stick_tables},
    {"variables", read_variables, "(none)", "['set-var proc.limit int(10)']", write_variables},
    {"users", read_users, "(none)",
     "{ staff: { alice: \"$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA\" } }", write_users},
    {"frontends", read_frontends, "(required)", "{ web: { bind: \"*:8080\", default: web } }",
     write_frontends},
    {"backends", read_backends, "(none)", "{ web: { servers: { web1: \"127.0.0.1:8081\" } } }",
     write_backends},
    {"resolvers", read_all_resolvers, "(none)", "{ internal: { servers: \"10.0.0.2:53\" } }",
     write_all_resolvers},
};

}  // namespace

void read_configuration(ValueReader& reader, const YamlNode& root, Configuration& configuration) {
  read_section<Configuration>(reader, root, "the configuration", kTopKeys, configuration);
}

std::string yaml_of(const Configuration& configuration, const CommentsAt& comments) {
  SectionWriter writer(comments);
  write_section<Configuration>(writer, kTopKeys, configuration, {});
  return yaml_text(writer.take());
}

std::vector<KeyReference> reference() {
  std::vector<KeyReference> all;
  append_keys<Configuration>(all, "", kTopKeys);
  append_keys<Configuration>(all, "log.", kLogKeys);
  append_access_log_keys(all, "access_log.");
  append_process_keys(all, "process.");
  append_keys<AdminSection>(all, "admin.", kAdminKeys);
  append_runtime_api_keys(all, "runtime_api.");
  append_stick_table_keys(all, "stick_tables.NAME.");
  append_user_keys(all, "users.NAME.NAME.");
  append_frontend_keys(all, "frontends.NAME.");
  append_backend_keys(all, "backends.NAME.");
  append_resolvers_keys(all, "resolvers.NAME.");
  return all;
}

}  // namespace reseal::config
