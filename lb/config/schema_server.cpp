// servers: of a backend.
#include <array>

#include "lb/base/text.h"
#include "lb/config/schema_backend.h"
#include "lb/config/schema_proxy_additions.h"
#include "lb/config/server_host.h"
#include "lb/net/address.h"
#include "lb/net/cidr.h"

namespace reseal::config {
namespace {

constexpr int kMostWeight = 1000;
constexpr int kMostInUse = 1'000'000'000;
constexpr int kMostNumber = 0x7fffffff;
constexpr int kMostPort = 65535;
constexpr std::size_t kLongestHost = 253;  // RFC 1035 2.3.4
constexpr const char* kAddresses =
    "10.0.0.11:8443, web1.internal:8443, [2001:db8::1]:8443, unix@/run/web1.sock, abns@web1, and ports that "
    "are added to "
    "the one that the client connected to: 10.0.0.11:+8000";
constexpr std::size_t kLongestSocket = 107;

// ---- where it is

void read_address(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  std::string text;
  reader.visible(node, key, kAddresses, text);
  if (text.empty()) return;
  if (is_socket(text) && socket_of(text).size() <= kLongestSocket) {
    server.host = text;
    return;
  }
  const std::size_t sign = std::min(text.find(":+"), text.find(":-"));
  if (sign != std::string::npos) {
    const auto offset = parse_decimal(std::string_view(text).substr(sign + 2));
    if (offset && *offset <= static_cast<std::uint64_t>(kMostPort)) {
      const int sum = static_cast<int>(*offset);
      server.options.port_offset = text[sign + 1] == '-' ? -sum : sum;
      text.replace(sign + 1, std::string::npos, "1");  // any port will do
    }
  }
  const auto parts = net::split_host_port(text);
  if (!parts || parts->host == "*" || parts->port == 0 || parts->host.size() > kLongestHost) {
    reader.error(node.place, "the address of server '" + server.name + "' is '" + shortened(text) + "'" +
                                 (parts ? std::string() : ": " + parts.error()) +
                                 "; accepted: " + kAddresses);
    return;
  }
  server.host = parts->host;
  if (!server.options.port_offset) server.port = parts->port;
}
void write_address(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (is_socket(server.host)) return writer.text(key, server.host);
  const bool v6 = server.host.find(':') != std::string::npos;
  const auto offset = server.options.port_offset;
  const std::string port =
      offset ? (*offset < 0 ? "" : "+") + std::to_string(*offset) : std::to_string(server.port);
  writer.text(key, (v6 ? '[' + server.host + ']' : server.host) + ':' + port);
}

void read_verify_host(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.visible(node, key, "a host name or an address", server.verify_host);
}

// ---- how its name becomes an address

constexpr std::array<std::pair<const char*, char>, 3> kFamilies = {
    {{"any", 0}, {"ipv4", '4'}, {"ipv6", '6'}}};

void read_fallbacks(ValueReader& reader, const YamlNode& node, const char* key, ServerOptions& options) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    if (net::Address::parse(text->text, 0)) {
      options.fallbacks.push_back(text->text);
    } else {
      reader.error(text->place,
                   std::string(key) + " has '" + shortened(text->text) + "'; accepted: addresses");
    }
  }
}

void read_networks(ValueReader& reader, const YamlNode& node, const char* key, ServerOptions& options) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    if (auto added = net::CidrSet().add(text->text); !added) {
      reader.error(text->place, std::string(key) + ": " + added.error());
      continue;
    }
    options.prefers_networks.push_back(text->text);
  }
}

using Options = ServerOptions;
constexpr Key<Options> kResolveKeys[] = {
    boolean_key<&Options::may_lack_address>("may_fail", "false", "true"),
    {"fallbacks", read_fallbacks, "(none)", "[10.0.0.9]", write_texts<&Options::fallbacks>},
    integer_key<&Options::address_index, 0, kMostPort>("index", "0", "1"),
    integer_key<&Options::addresses_wanted, 1, kMostPort>("of", "1", "3"),
    word_key<&Options::prefers_family, kFamilies>("prefer", "any", "ipv4"),
    boolean_key<&Options::may_share_address>("may_share", "false", "true"),
    {"networks", read_networks, "(none)", "[10.0.0.0/8]", write_texts<&Options::prefers_networks>},
    boolean_key<&Options::shares_addresses>("share_addresses", "false", "true"),
    boolean_key<&Options::keeps_weight>("keep_weight", "false", "true"),
};

void read_resolve(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  section_of<&Server::options, kResolveKeys>(reader, node, key, server);
}
void write_resolve(SectionWriter& writer, const char* key, const Server& server, const Server& usual) {
  write_inner<&Server::options, kResolveKeys>(writer, key, server, usual);
}

// ---- single options

void read_source(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  std::string text;
  reader.visible(node, key, "an address of this machine, such as 10.0.0.1 or \"10.0.0.1:4000\"", text);
  if (text.empty()) return;
  const auto parts = net::Address::parse(text, 0) ? std::expected<net::HostPort, std::string>({text, 0})
                                                  : net::split_host_port(text);
  if (!parts || !net::Address::parse(parts->host, 0)) {
    reader.error(node.place,
                 std::string(key) + " is '" + shortened(text) +
                     "'; accepted: an address of this machine, such as 10.0.0.1 or \"10.0.0.1:4000\"");
    return;
  }
  server.options.source = parts->host;
  server.options.source_port = parts->port;
}
void write_source(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  const ServerOptions& options = server.options;
  if (options.source.empty()) return;
  const bool v6 = options.source.find(':') != std::string::npos;
  const std::string port = ':' + std::to_string(options.source_port);
  writer.text(key, options.source_port == 0 ? options.source
                                            : (v6 ? '[' + options.source + ']' : options.source) + port);
}

void read_tracked(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.visible(node, key, "BACKEND/SERVER", server.options.tracks);
}
void write_tracked(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (!server.options.tracks.empty()) writer.text(key, server.options.tracks);
}

void read_resolvers_name(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.text(node, key, server.options.resolvers);
}
void write_resolvers_name(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (!server.options.resolvers.empty()) writer.text(key, server.options.resolvers);
}

void read_slow_start(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.duration(node, key, server.options.slow_start.emplace());
}
void write_slow_start(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (server.options.slow_start) writer.duration(key, *server.options.slow_start);
}

template <auto kMember>
void option_of(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.boolean(node, key, server.options.*kMember);
}
template <auto kMember>
void write_option(SectionWriter& writer, const char* key, const Server& server, const Server& usual) {
  if (server.options.*kMember != usual.options.*kMember) writer.boolean(key, server.options.*kMember);
}

void read_min_requests(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.integer(node, key, 0, kMostInUse, server.options.min_requests);
}
void write_min_requests(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (server.options.min_requests != 0) writer.number(key, server.options.min_requests);
}

void read_redirect(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.visible(node, key, "what Locations begin with", server.options.redirect_prefix);
}
void write_redirect(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (!server.options.redirect_prefix.empty()) writer.text(key, server.options.redirect_prefix);
}

// ---- its agent

void read_agent_host(ValueReader& reader, const YamlNode& node, const char* key, AgentCheck& agent) {
  reader.visible(node, key, "an address such as 10.0.0.11", agent.host);
  if (!agent.host.empty() && !net::Address::parse(agent.host, 0))
    reader.error(node.place, "agent.host '" + shortened(agent.host) + "' is no numeric address");
}
void read_agent_port(ValueReader& reader, const YamlNode& node, const char* key, AgentCheck& agent) {
  int port = 0;
  reader.integer(node, key, 1, kMostPort, port);
  agent.port = static_cast<std::uint16_t>(port);
}

void read_agent_words(ValueReader& reader, const YamlNode& node, const char* key, AgentCheck& agent) {
  reader.lines(node, key, agent.send);
}

constexpr Key<AgentCheck> kAgentKeys[] = {
    {"port", read_agent_port, "(required)", "9000", write_number<&AgentCheck::port>},
    {"host", read_agent_host, "(the server's)", "10.0.0.11", write_text<&AgentCheck::host>},
    duration_key<&AgentCheck::interval>("interval", "2s", "5s"),
    {"send", read_agent_words, "(nothing)", "\"web1\\n\"", write_text<&AgentCheck::send>},
};

void read_agent(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  AgentCheck agent;
  read_section<AgentCheck>(reader, node, std::string(key) + " of server '" + server.name + "'", kAgentKeys,
                           agent);
  if (agent.port == 0) reader.error(node.place, "the agent of server '" + server.name + "' has no port");
  server.options.agent = std::move(agent);
}
void write_agent(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (!server.options.agent) return;
  writer.section(key, [&](SectionWriter& inner) {
    write_section<AgentCheck>(inner, kAgentKeys, *server.options.agent, AgentCheck());
  });
}

// ---- in place of what the backend says

void read_hop_tls(ValueReader& reader, const YamlNode& node, const char*, Hop& hop) {
  hop.tls = read_client_tls(reader, node, "a server's connection");
}
void write_hop_tls(SectionWriter& writer, const char* key, const Hop& hop, const Hop&) {
  if (hop.tls) write_client_tls(writer, key, *hop.tls);
}

constexpr Key<Hop> kHopKeys[] = {
    {"tls", read_hop_tls, "(none)", "{ ca: pki/ca.pem, certificate: pki/lb.pem }", write_hop_tls},
    word_key<&Hop::protocol, kProtocolWords>("protocol", "http/1.1", "h2"),
    word_key<&Hop::send_proxy, kSendProxyWords>("send_proxy", "off", "v2"),
    optional_section_key<&Hop::proxy_additions, kProxyAdditionKeys>(
        "proxy_additions", "(of mode: tcp the name that clients ask for)", "{ tls: true, authority: true }"),
};

void read_own_check(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  if (!server.own_check) server.own_check.emplace();
  read_check(reader, node, key, "server '" + server.name + "'", server.own_check->check);
}
void write_own_check(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (!server.own_check) return;
  server.own_check->check ? write_check(writer, key, *server.own_check->check) : writer.text(key, "off");
}
void read_check_tls(ValueReader& reader, const YamlNode& node, const char*, Server& server) {
  if (!server.own_check) server.own_check.emplace();
  server.own_check->tls = read_client_tls(reader, node, "the check of server '" + server.name + "'");
}
void write_check_tls(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (server.own_check && server.own_check->tls) write_client_tls(writer, key, *server.own_check->tls);
}

void read_own_passive(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  read_passive(reader, node, key, "server '" + server.name + "'", server.passive.emplace());
}
void write_own_passive(SectionWriter& writer, const char* key, const Server& server, const Server&) {
  if (server.passive) write_passive(writer, key, *server.passive);
}

constexpr Key<Server> kServerKeys[] = {
    {"address", read_address, "(required)", "\"10.0.0.11:8443\"", write_address},
    {"resolve", read_resolve, "(below)", "{ prefer: ipv4 }", write_resolve},
    integer_key<&Server::weight, 0, kMostWeight>("weight", "100", "50"),
    boolean_key<&Server::backup>("backup", "false", "true"),
    integer_key<&Server::max_requests, 0, kMostInUse>("max_requests", "0", "100"),
    {"min_requests", read_min_requests, "(max_requests)", "10", write_min_requests},
    integer_key<&Server::max_connections, 0, kMostInUse>("max_connections", "0", "50"),
    {"redirect", read_redirect, "(none)", "http://web1.example.org", write_redirect},
    {"verify_host", read_verify_host, "(the backend's)", "web1.internal", write_text<&Server::verify_host>},
    optional_section_key<&Server::hop, kHopKeys>("connection", "(the backend's)", "{ protocol: h2 }"),
    {"check", read_own_check, "(the backend's)", "off", write_own_check},
    {"check_tls", read_check_tls, "(as traffic)", "{ ca: pki/ca.pem, certificate: pki/lb.pem }",
     write_check_tls},
    {"passive", read_own_passive, "(the backend's)", "off", write_own_passive},
    boolean_key<&Server::maintenance>("maintenance", "false", "true"),
    text_key<&Server::cookie>("cookie", "(none)", "s1"),
    integer_key<&Server::id, 1, kMostNumber>("id", "(its place)", "7"),
    boolean_key<&Server::non_stick>("non_stick", "false", "true"),
    {"source", read_source, "(the system chooses)", "127.0.0.1", write_source},
    {"track", read_tracked, "(none)", "web/web2", write_tracked},
    {"resolvers", read_resolvers_name, "(none)", "internal", write_resolvers_name},
    {"agent", read_agent, "(none)", "{ port: 9000 }", write_agent},
    {"slow_start", read_slow_start, "(the backend's)", "30s", write_slow_start},
    {"end_sessions_when_down", option_of<&Options::ends_sessions_when_down>, "false", "true",
     write_option<&Options::ends_sessions_when_down>},
    {"end_backup_sessions_when_up", option_of<&Options::ends_backup_sessions_when_up>, "false", "true",
     write_option<&Options::ends_backup_sessions_when_up>},
};

}  // namespace

void read_servers(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  if (!reader.is_map(node, "servers of backend '" + backend.name + "'")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    Server server;
    server.name = shortened(entry.key);  // what is cut is too long for a name: validation says so
    server.place = entry.key_place;
    if (entry.value->is_scalar()) {
      read_address(reader, *entry.value, "address", server);
    } else {
      read_section<Server>(reader, *entry.value, "server '" + server.name + "'", kServerKeys, server);
      if (entry.value->is_map() && entry.value->find("address") == nullptr) {
        reader.error(entry.key_place, "server '" + server.name + "' has no address");
      }
    }
    backend.servers.push_back(std::move(server));
  }
}

void write_servers(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  SectionWriter all = writer.nested();
  for (const Server& server : backend.servers) {
    SectionWriter one = writer.nested();
    write_section<Server>(one, kServerKeys, server, {});
    YamlValue value = one.take();
    all.add(server.name, value.entries.size() == 1 ? value.entries.front().value : value);
    all.comment_last(all.comments_at(server.place));
  }
  if (all.is_empty()) return;
  writer.add(key, all.take());
  writer.last_in_lines();
}

void append_server_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Server>(all, prefix, kServerKeys);
  append_keys<ServerOptions>(all, prefix + "resolve.", kResolveKeys);
  append_keys<Hop>(all, prefix + "connection.", kHopKeys);
  append_keys<AgentCheck>(all, prefix + "agent.", kAgentKeys);
}

}  // namespace reseal::config
