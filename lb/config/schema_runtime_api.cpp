// runtime_api: the sockets that speak HAProxy's runtime API.
#include <array>

#include "lb/config/schema_frontend.h"

namespace reseal::config {
namespace {

constexpr int kMostClients = 1'000'000;

constexpr std::array<std::pair<const char*, AccessLevel>, 3> kLevels = {{
    {"user", AccessLevel::kUser},
    {"operator", AccessLevel::kOperator},
    {"admin", AccessLevel::kAdmin},
}};

void read_socket_bind(ValueReader& reader, const YamlNode& node, const char* key, RuntimeSocket& socket) {
  if (auto bind = read_bind_map(reader, node, key, "a socket of runtime_api", Mode::kTcp))
    socket.bind = std::move(*bind);
}
void write_socket_bind(SectionWriter& writer, const char* key, const RuntimeSocket& socket,
                       const RuntimeSocket&) {
  writer.add(key, bind_value(writer, socket.bind, Mode::kTcp));
}

constexpr Key<RuntimeSocket> kSocketKeys[] = {
    {"bind", read_socket_bind, "(required)", "{ address: unix@/run/reseal/api.sock, mode: \"660\" }",
     write_socket_bind},
    word_key<&RuntimeSocket::level, kLevels>("level", "operator", "admin"),
};

void read_sockets(ValueReader& reader, const YamlNode& node, const char* key, RuntimeApi& api) {
  for (const YamlNode* item : reader.maps(node, key)) {
    RuntimeSocket& socket = api.sockets.emplace_back();
    read_section<RuntimeSocket>(reader, *item, "a socket of runtime_api", kSocketKeys, socket);
    if (item->find("bind") == nullptr)
      reader.error(item->place, "a socket of runtime_api without an address; add bind: unix@PATH");
    if (socket.bind.tls != BindTls::kOfFrontend)
      reader.error(socket.bind.place, "a socket of runtime_api has no tls");
  }
}
void write_sockets(SectionWriter& writer, const char* key, const RuntimeApi& api, const RuntimeApi&) {
  writer.sections(key, api.sockets, [](SectionWriter& inner, const RuntimeSocket& socket) {
    write_section<RuntimeSocket>(inner, kSocketKeys, socket, {});
  });
}

constexpr Key<RuntimeApi> kApiKeys[] = {
    {"sockets", read_sockets, "(none)", "[{ bind: unix@/run/reseal/api.sock, level: admin }]", write_sockets},
    duration_key<&RuntimeApi::timeout>("timeout", "10s", "30s"),
    integer_key<&RuntimeApi::max_connections, 1, kMostClients>("max_connections", "10", "20"),
};

}  // namespace

void read_runtime_api(ValueReader& reader, const YamlNode& node, const char* key,
                      Configuration& configuration) {
  section_of<&Configuration::runtime_api, kApiKeys>(reader, node, key, configuration);
}
void write_runtime_api(SectionWriter& writer, const char* key, const Configuration& configuration,
                       const Configuration& usual) {
  write_inner<&Configuration::runtime_api, kApiKeys>(writer, key, configuration, usual);
}

void append_runtime_api_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<RuntimeApi>(all, prefix, kApiKeys);
  append_keys<RuntimeSocket>(all, prefix + "sockets.", kSocketKeys);
}

}  // namespace reseal::config
