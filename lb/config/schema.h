// The parts of the reader that schema*.cpp share: the whole document, one frontend, one backend, and values
// of both.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lb/config/section.h"

namespace reseal::config {

/// Reads the whole document. What is wrong stays with `reader`; what could be read is in `configuration`.
void read_configuration(ValueReader& reader, const YamlNode& root, Configuration& configuration);

void read_frontend(ValueReader& reader, const YamlNode& node, Frontend& frontend);
void write_frontend(SectionWriter& writer, const Frontend& frontend);
void read_backend(ValueReader& reader, const YamlNode& node, Backend& backend);
void write_backend(SectionWriter& writer, const Backend& backend);
void read_stick_table(ValueReader& reader, const YamlNode& node, StickTable& table);
void write_stick_table(SectionWriter& writer, const StickTable& table);
void append_stick_table_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_process(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration);
void write_process(SectionWriter& writer, const char* key, const Configuration& configuration,
                   const Configuration& usual);
void append_process_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_runtime_api(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration);
void write_runtime_api(SectionWriter& writer, const char* key, const Configuration& configuration,
                       const Configuration& usual);
void append_runtime_api_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// haproxy_rules: of a frontend, or with `stick_rules` of a backend.
void read_haproxy_rules(ValueReader& reader, const YamlNode& node, const char* key, RuleLines& rules,
                        std::vector<RuleLine>* stick_rules);
void write_haproxy_rules(SectionWriter& writer, const char* key, const RuleLines& rules,
                         const std::vector<RuleLine>& stick_rules);
/// stats_page: of a frontend or a backend.
void read_stats_page(ValueReader& reader, const YamlNode& node, const char* key, std::optional<StatsPage>& page);
void write_stats_page(SectionWriter& writer, const char* key, const std::optional<StatsPage>& page);
void append_stats_page_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// check: of a backend or a server, which is a map or one word. `owner` names it in messages.
void read_check(ValueReader& reader, const YamlNode& node, const char* key, const std::string& owner,
                std::optional<Check>& check);
void write_check(SectionWriter& writer, const char* key, const Check& check);
/// access_log: `off`, one target, or a map or list of such.
std::vector<AccessLog> read_access_logs(ValueReader& reader, const YamlNode& node, const char* key);
void write_access_logs(SectionWriter& writer, const char* key, const std::vector<AccessLog>& logs);
/// delivery: of a log: how its lines go to the target (schema_log_delivery).
void read_delivery(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log);
void write_delivery(SectionWriter& writer, const char* key, const AccessLog& log, const AccessLog& usual);
void append_log_delivery_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_access_log_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// persistence: of a backend, which is a map or the word source.
void read_persistence(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void write_persistence(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual);
/// compression: of a frontend or a backend, which is a map or one word.
void read_compression(ValueReader& reader, const YamlNode& node, const char* key,
                      std::optional<Compression>& compression);
void write_compression(SectionWriter& writer, const char* key, const std::optional<Compression>& compression);
/// balance: of a backend (schema_balance).
void read_balance(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void write_balance(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual);
void append_balance_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// servers: of a backend (schema_server).
void read_servers(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void write_servers(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual);
void append_server_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// tls: of a backend, or of a server that has its own (schema_client_tls).
ClientTls read_client_tls(ValueReader& reader, const YamlNode& node, const std::string& owner);
void write_client_tls(SectionWriter& writer, const char* key, const ClientTls& tls);
void append_client_tls_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// passive: of a backend, or of a server that has its own.
void read_passive(ValueReader& reader, const YamlNode& node, const char* key, const std::string& owner,
                  Passive& passive);
void write_passive(SectionWriter& writer, const char* key, const Passive& passive);
void append_passive_keys(std::vector<KeyReference>& all, const std::string& prefix);
// queue:, retry: (short: retries: N) and outlier: of a backend.
void read_queue(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void read_retry(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void read_retries(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void read_outlier(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void write_queue(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual);
void write_retry(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual);
void write_outlier(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual);
void append_retry_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_frontend_keys(std::vector<KeyReference>& all, const std::string& prefix);
// What a frontend makes of every request (schema_request).
void read_path_policy(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void read_request_id(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
/// Of a frontend or a backend.
void read_error_pages(ValueReader& reader, const YamlNode& node, const char* key, std::vector<ErrorPage>& pages);
void write_error_pages(SectionWriter& writer, const char* key, const std::vector<ErrorPage>& pages);
void write_path_policy(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual);
void write_request_id(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual);
void read_max_body_size(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void append_request_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_backend_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_check_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_persistence_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_compression_keys(std::vector<KeyReference>& all, const std::string& prefix);

// What a frontend's lines of the log are about (schema_frontend_logs).
void read_log_policy(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void write_log_policy(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual);
void read_captures(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void write_captures(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual);
void read_unique_id(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void write_unique_id(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual);
void append_frontend_log_keys(std::vector<KeyReference>& all, const std::string& prefix);

// Connections as such, and fields that tell whose they are (schema_connections).
void read_client_connections(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void write_client_connections(SectionWriter& writer, const char* key, const Frontend& frontend,
                              const Frontend& usual);
void append_client_connection_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_server_connections(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void write_server_connections(SectionWriter& writer, const char* key, const Backend& backend,
                              const Backend& usual);
void append_server_connection_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_address_fields(ValueReader& reader, const YamlNode& node, const char* key, AddressFields& fields);
void write_address_fields(SectionWriter& writer, const char* key, const AddressFields& fields);
void append_address_field_keys(std::vector<KeyReference>& all, const std::string& prefix);

// What a frontend listens on (schema_bind).
void read_binds(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void write_binds(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual);
/// One element: an address, or a map of what differs there; nothing if it has none.
std::optional<Bind> read_bind_map(ValueReader& reader, const YamlNode& node, const char* key,
                                  const std::string& owner, Mode mode);
YamlValue bind_value(const SectionWriter& writer, const Bind& bind, Mode mode);
/// The mode says what is offered by ALPN.
ServerTls read_server_tls(ValueReader& reader, const YamlNode& node, const std::string& owner, Mode mode);
void write_server_tls(SectionWriter& writer, const char* key, const ServerTls& tls, Mode mode);
void append_server_tls_keys(std::vector<KeyReference>& all, const std::string& prefix, bool in_full);
void append_bind_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// "host:port" into a Bind, which stays empty when it is none.
void read_bind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind);

// Words of backends, and of servers that differ.
inline constexpr std::array<std::pair<const char*, Protocol>, 3> kProtocolWords = {
    {{"http/1.1", Protocol::kHttp1}, {"h2", Protocol::kH2}, {"negotiated", Protocol::kNegotiated}}};
inline constexpr std::array<std::pair<const char*, SendProxy>, 3> kSendProxyWords = {
    {{"off", SendProxy::kOff}, {"v1", SendProxy::kV1}, {"v2", SendProxy::kV2}}};

// tls: of frontends and backends alike.
void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version);
template <auto kMember, class Tls>
void tls_version_of(ValueReader& reader, const YamlNode& node, const char* key, Tls& tls) {
  read_tls_version(reader, node, key, tls.*kMember);
}
template <auto kMember, class Tls>
void write_tls_version(SectionWriter& writer, const char* key, const Tls& tls, const Tls& usual) {
  if (tls.*kMember != usual.*kMember) writer.text(key, tls.*kMember == TlsVersion::kTls12 ? "1.2" : "1.3");
}
template <auto kMember, class Tls>
constexpr Key<Tls> tls_version_key(const char* name, const char* usual, const char* example) {
  return {name, tls_version_of<kMember, Tls>, usual, example, write_tls_version<kMember, Tls>};
}
/// The section by its table, and that the two versions it names are in order.
template <class Tls>
Tls read_tls_section(ValueReader& reader, const YamlNode& node, const std::string& owner,
                     std::span<const Key<Tls>> keys) {
  Tls tls;
  tls.place = node.place;
  read_section<Tls>(reader, node, "tls of " + owner, keys, tls);
  if (tls.min_version > tls.max_version) reader.error(node.place, "min_version is above max_version");
  return tls;
}

}  // namespace reseal::config
