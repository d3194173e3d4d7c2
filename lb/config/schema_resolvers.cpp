// resolvers: name servers.
#include "lb/config/schema.h"
#include "lb/config/section_keys.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostTries = 1000;
constexpr int kLeastPayload = 512;
constexpr int kMostPayload = 65535;

void read_name_server(ValueReader& reader, const YamlNode& text, const std::string& name, const char* key,
                      Resolvers& resolvers) {
  std::string address;
  reader.visible(text, key, "10.0.0.2:53", address);
  const auto parts = net::split_host_port(address);
  if (!parts || parts->port == 0 || !net::Address::parse(parts->host, parts->port)) {
    reader.error(text.place, "servers of resolvers '" + resolvers.name + "' has '" + shortened(address) +
                                 "'; accepted: numeric addresses with a port, such as 10.0.0.2:53");
    return;
  }
  resolvers.servers.push_back({name.empty() ? address : name, address});
}

/// An address, a list of them, or a map of names to them.
void read_name_servers(ValueReader& reader, const YamlNode& node, const char* key, Resolvers& resolvers) {
  if (node.is_map()) {
    for (const YamlNode::Entry& entry : node.entries)
      read_name_server(reader, *entry.value, entry.key, key, resolvers);
    return;
  }
  for (const YamlNode* text : reader.text_or_list(node, key))
    read_name_server(reader, *text, "", key, resolvers);
}
void write_name_servers(SectionWriter& writer, const char* key, const Resolvers& resolvers,
                        const Resolvers&) {
  writer.section(key, [&](SectionWriter& inner) {
    for (const NameServer& server : resolvers.servers) inner.text(server.name, server.address);
  });
}

constexpr Key<ResolverHold> kHoldKeys[] = {
    duration_key<&ResolverHold::obsolete>("obsolete", "(none)", "10s"),
    duration_key<&ResolverHold::no_name>("no_name", "30s", "5s"),
    duration_key<&ResolverHold::timeout>("timeout", "30s", "1m"),
    duration_key<&ResolverHold::refused>("refused", "30s", "1m"),
    duration_key<&ResolverHold::other>("other", "30s", "1m"),
};

constexpr Key<Resolvers> kResolversKeys[] = {
    {"servers", read_name_servers, "(the machine's)", "[\"10.0.0.2:53\", \"10.0.0.3:53\"]",
     write_name_servers},
    duration_key<&Resolvers::interval>("interval", "1s", "10s"),
    duration_key<&Resolvers::timeout>("timeout", "1s", "500ms"),
    integer_key<&Resolvers::tries, 1, kMostTries>("tries", "3", "2"),
    integer_key<&Resolvers::payload, kLeastPayload, kMostPayload>("payload", "512", "4096"),
    section_key<&Resolvers::hold, kHoldKeys>("hold", "(below)", "{ no_name: 5s }"),
};

}  // namespace

void read_resolvers(ValueReader& reader, const YamlNode& node, Resolvers& resolvers) {
  read_section<Resolvers>(reader, node, "resolvers '" + resolvers.name + "'", kResolversKeys, resolvers);
}

void write_resolvers(SectionWriter& writer, const Resolvers& resolvers) {
  write_section<Resolvers>(writer, kResolversKeys, resolvers, Resolvers());
}

void append_resolvers_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Resolvers>(all, prefix, kResolversKeys);
  append_keys<ResolverHold>(all, prefix + "hold.", kHoldKeys);
}

}  // namespace reseal::config
