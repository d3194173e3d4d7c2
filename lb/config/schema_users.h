// users: of the whole document, as lb/config/schema.h has its other parts.
#pragma once

#include <string>
#include <vector>

#include "lb/config/section.h"

namespace reseal::config {

void read_users(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration);
/// The other direction.
void write_users(SectionWriter& writer, const char* key, const Configuration& configuration,
                 const Configuration& usual);
void append_user_keys(std::vector<KeyReference>& all, const std::string& prefix);

}  // namespace reseal::config
