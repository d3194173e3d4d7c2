// connections: of frontends and backends, and address_fields: of both.
#include "lb/config/schema_backend.h"
#include "lb/config/schema_frontend.h"
#include "lb/config/schema_rules.h"

namespace reseal::config {
namespace {

constexpr int kMost = 1'000'000'000;

constexpr Key<ClientConnections> kClientKeys[] = {
    integer_key<&ClientConnections::most, 1, kMost>("max", "(no limit of its own)", "10000"),
    integer_key<&ClientConnections::most_a_second, 1, kMost>("max_rate", "(any)", "500"),
    boolean_key<&ClientConnections::one_request>("one_request", "false", "true"),
    boolean_key<&ClientConnections::server_closes>("close_to_servers", "false", "true"),
    boolean_key<&ClientConnections::sends_probes>("tcp_keepalive", "false", "true"),
};

void read_name_field(ValueReader& reader, const YamlNode& node, const char* key,
                     ServerConnections& connections) {
  reader.token(node, key, connections.name_field);
  if (!connections.name_field.empty())
    (void)is_editable_field(reader, connections.name_field, node.place, key);
}

constexpr Key<ServerConnections> kServerKeys[] = {
    boolean_key<&ServerConnections::one_request>("one_request", "false", "true"),
    boolean_key<&ServerConnections::pretends_keep_alive>("pretend_keep_alive", "false", "true"),
    boolean_key<&ServerConnections::sends_probes>("tcp_keepalive", "false", "true"),
    {"name_field", read_name_field, "(none)", "X-Server", write_text<&ServerConnections::name_field>},
};

void read_field_name(ValueReader& reader, const YamlNode& node, const char* key, AddressField& field) {
  reader.token(node, key, field.name);
}
void read_except(ValueReader& reader, const YamlNode& node, const char* key, AddressField& field) {
  read_blocks(reader, node, key, field.except);
}

constexpr Key<AddressField> kFieldKeys[] = {
    {"name", read_field_name, "(none)", "X-Forwarded-For", write_text<&AddressField::name>},
    {"except", read_except, "(nobody)", "[127.0.0.0/8]", write_texts<&AddressField::except>},
    boolean_key<&AddressField::if_none>("if_none", "false", "true"),
};

constexpr Key<AddressFields> kFieldsKeys[] = {
    section_key<&AddressFields::source, kFieldKeys>("client", "(none)", "{ name: X-Forwarded-For }"),
    section_key<&AddressFields::destination, kFieldKeys>("destination", "(none)", "{ name: X-Original-To }"),
};

}  // namespace

void read_client_connections(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  section_of<&Frontend::connections, kClientKeys>(reader, node, key, frontend);
}
void write_client_connections(SectionWriter& writer, const char* key, const Frontend& frontend,
                              const Frontend& usual) {
  write_inner<&Frontend::connections, kClientKeys>(writer, key, frontend, usual);
}

void read_server_connections(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  section_of<&Backend::connections, kServerKeys>(reader, node, key, backend);
}
void write_server_connections(SectionWriter& writer, const char* key, const Backend& backend,
                              const Backend& usual) {
  write_inner<&Backend::connections, kServerKeys>(writer, key, backend, usual);
}

void read_address_fields(ValueReader& reader, const YamlNode& node, const char* key, AddressFields& fields) {
  read_section<AddressFields>(reader, node, key, kFieldsKeys, fields);
}
void write_address_fields(SectionWriter& writer, const char* key, const AddressFields& fields) {
  writer.section(key,
                 [&](SectionWriter& inner) { write_section<AddressFields>(inner, kFieldsKeys, fields, {}); });
}

void append_client_connection_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<ClientConnections>(all, prefix + "connections.", kClientKeys);
}
void append_server_connection_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<ServerConnections>(all, prefix + "connections.", kServerKeys);
}
void append_address_field_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<AddressFields>(all, prefix, kFieldsKeys);
  append_keys<AddressField>(all, prefix + "client.", kFieldKeys);
}

}  // namespace reseal::config
