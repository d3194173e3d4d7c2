// Whole files, bounded. Blocking: for the control thread only.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace reseal {

/// The first `most` bytes of a file, devices that never end included; the error says why it cannot be read.
std::expected<std::string, std::string> read_at_most(const std::string& path, std::size_t most);

}  // namespace reseal
