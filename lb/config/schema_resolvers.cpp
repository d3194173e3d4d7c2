// resolvers: name servers, and what a server says of them and of its agent.
#include "lb/config/schema.h"
#include "lb/net/address.h"
#include "lb/net/cidr.h"

namespace reseal::config {
namespace {

constexpr int kMostTries = 1000;
constexpr int kLeastPayload = 512;
constexpr int kMostPayload = 65535;
constexpr int kMostPort = 65535;

void read_name_servers(ValueReader& reader, const YamlNode& node, const char* key, Resolvers& resolvers) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string address;
    reader.visible(*text, key, "10.0.0.2:53", address);
    const auto parts = net::split_host_port(address);
    if (!parts || parts->port == 0 || !net::Address::parse(parts->host, parts->port)) {
      reader.error(text->place, "servers of resolvers '" + resolvers.name + "' has '" + shortened(address) +
                                    "'; accepted: numeric addresses with a port, such as 10.0.0.2:53");
      continue;
    }
    resolvers.servers.push_back({address, address});
  }
}

constexpr Key<ResolverHold> kHoldKeys[] = {
    {"obsolete", duration_of<&ResolverHold::obsolete>, "(none)", "10s"},
    {"no_name", duration_of<&ResolverHold::no_name>, "30s", "5s"},
    {"timeout", duration_of<&ResolverHold::timeout>, "30s", "1m"},
    {"refused", duration_of<&ResolverHold::refused>, "30s", "1m"},
    {"other", duration_of<&ResolverHold::other>, "30s", "1m"},
};

void read_hold(ValueReader& reader, const YamlNode& node, const char* key, Resolvers& resolvers) {
  read_section<ResolverHold>(reader, node, key, kHoldKeys, resolvers.hold);
}

constexpr Key<Resolvers> kResolversKeys[] = {
    {"servers", read_name_servers, "(the machine's)", "[\"10.0.0.2:53\", \"10.0.0.3:53\"]"},
    {"interval", duration_of<&Resolvers::interval>, "1s", "10s"},
    {"timeout", duration_of<&Resolvers::timeout>, "1s", "500ms"},
    {"tries", integer_of<&Resolvers::tries, 1, kMostTries>, "3", "2"},
    {"payload", integer_of<&Resolvers::payload, kLeastPayload, kMostPayload>, "512", "4096"},
    {"hold", read_hold, "(below)", "{ no_name: 5s }"},
};

void read_agent_host(ValueReader& reader, const YamlNode& node, const char* key, AgentCheck& agent) {
  reader.visible(node, key, "an address such as 10.0.0.11", agent.host);
  if (!agent.host.empty() && !net::Address::parse(agent.host, 0)) {
    reader.error(node.place, "agent.host '" + shortened(agent.host) + "' is no numeric address");
  }
}

void read_agent_port(ValueReader& reader, const YamlNode& node, const char* key, AgentCheck& agent) {
  int port = 0;
  reader.integer(node, key, 1, kMostPort, port);
  agent.port = static_cast<std::uint16_t>(port);
}

void read_agent_words(ValueReader& reader, const YamlNode& node, const char* key, AgentCheck& agent) {
  reader.text(node, key, agent.send);
  agent.send += '\n';
}

constexpr Key<AgentCheck> kAgentKeys[] = {
    {"port", read_agent_port, "(required)", "9000"},
    {"host", read_agent_host, "(the server's)", "10.0.0.11"},
    {"interval", duration_of<&AgentCheck::interval>, "2s", "5s"},
    {"send", read_agent_words, "(nothing)", "web1"},
};

}  // namespace

void read_resolvers(ValueReader& reader, const YamlNode& node, Resolvers& resolvers) {
  read_section<Resolvers>(reader, node, "resolvers '" + resolvers.name + "'", kResolversKeys, resolvers);
}

void read_server_resolvers(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.text(node, key, server.options.resolvers);
}

void read_server_family(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.word<char>(node, key, {{"ipv4", '4'}, {"ipv6", '6'}}, server.options.prefers_family);
}

void read_server_agent(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  AgentCheck agent;
  read_section<AgentCheck>(reader, node, std::string(key) + " of server '" + server.name + "'", kAgentKeys,
                           agent);
  if (agent.port == 0) reader.error(node.place, "the agent of server '" + server.name + "' has no port");
  server.options.agent = std::move(agent);
}

void append_resolvers_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Resolvers>(all, prefix, kResolversKeys);
  append_keys<ResolverHold>(all, prefix + "hold.", kHoldKeys);
}

void append_agent_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<AgentCheck>(all, prefix, kAgentKeys);
}

}  // namespace reseal::config
