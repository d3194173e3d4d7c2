// Who owns a file or a process: users and groups by name or number, and modes of files. Asks the system's lists; blocking,
// control thread.
#pragma once

#include <optional>
#include <string>

#include "lb/config/value_reader.h"

namespace reseal::config {

/// Of a name, or of a number that is written out; nothing if this machine knows no such name.
std::optional<unsigned> user_number(const std::string& text);
std::optional<unsigned> group_number(const std::string& text);
/// The name where there is one, otherwise the number.
std::string user_text(unsigned number);
std::string group_text(unsigned number);

/// A user or a group, by user_number or group_number.
void read_owner(ValueReader& reader, const YamlNode& node, const char* key,
                std::optional<unsigned> (*number)(const std::string&), std::optional<unsigned>& out);

/// "660".
std::optional<unsigned> octal(const std::string& text);
std::string octal_text(unsigned mode);

}  // namespace reseal::config
