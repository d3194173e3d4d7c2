// Rights that root gives up once everything is bound and read.
#pragma once

#include <expected>
#include <string>

#include "lb/config/process_settings.h"

namespace reseal::cli {

/// chroot, group and user, as far as they are said, in this order. Nothing without being root. The error says what failed; the
/// process must not go on then.
std::expected<void, std::string> give_up_privileges(const config::ProcessSettings& settings);

}  // namespace reseal::cli
