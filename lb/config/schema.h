// The parts of the schema that schema*.cpp share: the whole document, and values of frontends and backends alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lb/config/section_keys.h"

namespace reseal::config {

/// Reads the whole document. What is wrong stays with `reader`; what could be read is in `configuration`.
void read_configuration(ValueReader& reader, const YamlNode& root, Configuration& configuration);

void read_frontend(ValueReader& reader, const YamlNode& node, Frontend& frontend);
void write_frontend(SectionWriter& writer, const Frontend& frontend);
void read_backend(ValueReader& reader, const YamlNode& node, Backend& backend);
void write_backend(SectionWriter& writer, const Backend& backend);
// resolvers:, and what servers say of them and of agents (schema_resolvers).
void read_resolvers(ValueReader& reader, const YamlNode& node, Resolvers& resolvers);
void write_resolvers(SectionWriter& writer, const Resolvers& resolvers);
void append_resolvers_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_stick_table(ValueReader& reader, const YamlNode& node, StickTable& table);
void write_stick_table(SectionWriter& writer, const StickTable& table);
void append_stick_table_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_process(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration);
void write_process(SectionWriter& writer, const char* key, const Configuration& configuration,
                   const Configuration& usual);
void append_process_keys(std::vector<KeyReference>& all, const std::string& prefix);
void read_runtime_api(ValueReader& reader, const YamlNode& node, const char* key,
                      Configuration& configuration);
void write_runtime_api(SectionWriter& writer, const char* key, const Configuration& configuration,
                       const Configuration& usual);
void append_runtime_api_keys(std::vector<KeyReference>& all, const std::string& prefix);

/// haproxy_rules: of a frontend, or with `stick_rules` of a backend.
/// variables: of the process.
void read_variables(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration);
void write_variables(SectionWriter& writer, const char* key, const Configuration& configuration,
                     const Configuration& usual);
void read_haproxy_rules(ValueReader& reader, const YamlNode& node, const char* key, RuleLines& rules,
                        std::vector<RuleLine>* stick_rules);
void write_haproxy_rules(SectionWriter& writer, const char* key, const RuleLines& rules,
                         const std::vector<RuleLine>& stick_rules);
/// stats_page: of a frontend or a backend.
void read_stats_page(ValueReader& reader, const YamlNode& node, const char* key,
                     std::optional<StatsPage>& page);
void write_stats_page(SectionWriter& writer, const char* key, const std::optional<StatsPage>& page);
void append_stats_page_keys(std::vector<KeyReference>& all, const std::string& prefix);

/// access_log: `off`, one target, or a map or list of such.
std::vector<AccessLog> read_access_logs(ValueReader& reader, const YamlNode& node, const char* key);
void write_access_logs(SectionWriter& writer, const char* key, const std::vector<AccessLog>& logs);
/// delivery: of a log: how its lines go to the target (schema_log_delivery).
void read_delivery(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log);
void write_delivery(SectionWriter& writer, const char* key, const AccessLog& log, const AccessLog& usual);
void append_log_delivery_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_access_log_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// compression: of a frontend or a backend, which is a map or one word.
void read_compression(ValueReader& reader, const YamlNode& node, const char* key,
                      std::optional<Compression>& compression);
void write_compression(SectionWriter& writer, const char* key, const std::optional<Compression>& compression);

/// error_pages: of a frontend or a backend.
void read_error_pages(ValueReader& reader, const YamlNode& node, const char* key,
                      std::vector<ErrorPage>& pages);
void write_error_pages(SectionWriter& writer, const char* key, const std::vector<ErrorPage>& pages);
void append_compression_keys(std::vector<KeyReference>& all, const std::string& prefix);

// address_fields: of a frontend or a backend (schema_connections).
void read_address_fields(ValueReader& reader, const YamlNode& node, const char* key, AddressFields& fields);
void write_address_fields(SectionWriter& writer, const char* key, const AddressFields& fields);
void append_address_field_keys(std::vector<KeyReference>& all, const std::string& prefix);

}  // namespace reseal::config
