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
/// check: of a backend, which is a map or one word.
void read_check(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend);
void append_frontend_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_backend_keys(std::vector<KeyReference>& all, const std::string& prefix);
void append_check_keys(std::vector<KeyReference>& all, const std::string& prefix);

/// "host:port" into a Bind, which stays empty when it is none.
void read_bind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind);
void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version);

}  // namespace reseal::config
