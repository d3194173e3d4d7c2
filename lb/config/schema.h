// The keys of the YAML configuration: one table a section, one row a key. schema_*.cpp.
#pragma once

#include <string>
#include <vector>

#include "lb/config/value_reader.h"

namespace reseal::config {

/// Reads the whole document.
void read_configuration(ValueReader& reader, const YamlNode& root, Configuration& configuration);

void read_frontend(ValueReader& reader, const YamlNode& node, Frontend& frontend);
void read_backend(ValueReader& reader, const YamlNode& node, Backend& backend);

/// "host:port" into a Bind.
void read_bind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind);
void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version);

/// Every key of every section, such as "backends.NAME.check.interval": what docs/configuration.md must describe.
std::vector<std::string> all_keys();
std::vector<std::string> frontend_keys();
std::vector<std::string> backend_keys();

/// Adds "prefix.name" for each row of a table.
template <class Section>
void append_keys(std::vector<std::string>& all, const std::string& prefix, std::span<const Key<Section>> keys) {
  for (const auto& key : keys) all.push_back(prefix + key.name);
}

}  // namespace reseal::config
