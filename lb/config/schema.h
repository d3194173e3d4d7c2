// The parts of the reader that schema*.cpp share: the whole document, one frontend, one backend, and values
// of both.
#pragma once

#include <string>
#include <vector>

#include "lb/config/section.h"

namespace reseal::config {

/// Reads the whole document. What is wrong stays with `reader`; what could be read is in `configuration`.
void read_configuration(ValueReader& reader, const YamlNode& root, Configuration& configuration);

void read_frontend(ValueReader& reader, const YamlNode& node, Frontend& frontend);
void read_backend(ValueReader& reader, const YamlNode& node, Backend& backend);
// resolvers:, and what servers say of names, agents and sessions (schema_resolvers).
void read_resolvers(ValueReader& reader, const YamlNode& node, Resolvers& resolvers);
void read_server_resolvers(ValueReader& reader, const YamlNode& node, const char* key, Server& server);
void read_server_family(ValueReader& reader, const YamlNode& node, const char* key, Server& server);
void read_server_agent(ValueReader& reader, const YamlNode& node, const char* key, Server& server);
void append_resolvers_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_agent_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// check: of a backend, which is a map or one word.
void read_check(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
/// access_log: `off`, one target, or a map or list of such.
std::vector<AccessLog> read_access_logs(ValueReader& reader, const YamlNode& node, const char* key);
void append_access_log_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// persistence: of a backend, which is a map or the word source.
void read_persistence(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
/// compression: of a backend, which is a map or one word.
void read_compression(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
// queue:, retry: (short: retries: N) and outlier: of a backend.
void read_queue(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void read_retry(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void read_retries(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void read_outlier(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void append_retry_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_frontend_keys(std::vector<KeyReference>& all, const std::string& prefix);
// What a frontend makes of every request (schema_request).
void read_path_policy(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void read_underscore_fields(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void read_request_id(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void read_error_pages(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void read_max_body_size(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void append_request_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_backend_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_check_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_persistence_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_compression_keys(std::vector<KeyReference>& all, const std::string& prefix);

// What a frontend listens on (schema_bind).
void read_binds(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
/// Both after the frontend's mode is known, which says what is offered by ALPN.
void read_frontend_tls(ValueReader& reader, const YamlNode& node, Frontend& frontend);
void append_bind_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// "host:port" into a Bind, which stays empty when it is none.
void read_bind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind);

// tls: of frontends and backends alike.
void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version);
template <auto kMember, class Tls>
void tls_version_of(ValueReader& reader, const YamlNode& node, const char* key, Tls& tls) {
  read_tls_version(reader, node, key, tls.*kMember);
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
