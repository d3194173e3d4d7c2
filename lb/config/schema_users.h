// users: of the whole document, as lb/config/schema.h has its other parts.
#pragma once

#include <string>
#include <vector>

#include "lb/config/section.h"

namespace reseal::config {

void read_users(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration);
void append_user_keys(std::vector<KeyReference>& all, const std::string& prefix);

}  // namespace reseal::config
