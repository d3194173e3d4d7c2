// This machine's name. Pure but for the system call; any thread.
#pragma once

#include <string>

namespace reseal {

/// As the kernel has it, with its domain if it has one there; empty if it cannot be had.
std::string host_name();

}  // namespace reseal
