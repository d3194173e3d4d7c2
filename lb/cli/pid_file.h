// Where a process leaves its number for those who tell it something.
#pragma once

#include <expected>
#include <string>

namespace reseal::cli {

/// Nothing for an empty path.
std::expected<void, std::string> write_pid_file(const std::string& path);

}  // namespace reseal::cli
