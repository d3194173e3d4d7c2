// The parts of the schema of backends and their servers.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lb/config/schema.h"

namespace reseal::config {

/// check: of a backend or a server, which is a map or one word. `owner` names it in messages.
void read_check(ValueReader& reader, const YamlNode& node, const char* key, const std::string& owner,
                std::optional<Check>& check);
void write_check(SectionWriter& writer, const char* key, const Check& check);

/// persistence: of a backend, which is a map or the word source.
void read_persistence(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void write_persistence(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual);

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
void append_backend_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_check_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_persistence_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_server_connections(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void write_server_connections(SectionWriter& writer, const char* key, const Backend& backend,
                              const Backend& usual);
void append_server_connection_keys(std::vector<KeyReference>& all, const std::string& prefix);

// Words of backends, and of servers that differ.
inline constexpr std::array<std::pair<const char*, Protocol>, 3> kProtocolWords = {
    {{"http/1.1", Protocol::kHttp1}, {"h2", Protocol::kH2}, {"negotiated", Protocol::kNegotiated}}};
inline constexpr std::array<std::pair<const char*, SendProxy>, 3> kSendProxyWords = {
    {{"off", SendProxy::kOff}, {"v1", SendProxy::kV1}, {"v2", SendProxy::kV2}}};

}  // namespace reseal::config
