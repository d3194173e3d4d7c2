// The version of this program, from CMake's project().
#pragma once

namespace reseal::runtime {

inline constexpr const char* kVersion = RESEAL_VERSION;

}  // namespace reseal::runtime
