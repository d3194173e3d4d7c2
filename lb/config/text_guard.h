// What a configuration's text must be before a YAML parser sees it: text, and not made to exhaust memory.
// Pure.
#pragma once

#include <optional>
#include <string_view>

#include "lb/config/yaml_tree.h"

namespace reseal::config {

/// The first NUL byte, byte that is no UTF-8 (RFC 3629), or value beyond kMostNodes, told with its place;
/// nullopt if there is none. Columns count bytes, as yaml-cpp does.
std::optional<YamlError> refused_text(std::string_view text);

}  // namespace reseal::config
