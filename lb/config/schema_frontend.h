// The parts of the schema of frontends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lb/config/schema.h"

namespace reseal::config {

void append_frontend_keys(std::vector<KeyReference>& all, const std::string& prefix);

// What a frontend makes of every request (schema_request).
void read_path_policy(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void read_request_id(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void write_path_policy(SectionWriter& writer, const char* key, const Frontend& frontend,
                       const Frontend& usual);
void write_request_id(SectionWriter& writer, const char* key, const Frontend& frontend,
                      const Frontend& usual);
void read_max_body_size(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void append_request_keys(std::vector<KeyReference>& all, const std::string& prefix);

// What a frontend's lines of the log are about (schema_frontend_logs).
void read_log_policy(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void write_log_policy(SectionWriter& writer, const char* key, const Frontend& frontend,
                      const Frontend& usual);
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

}  // namespace reseal::config
