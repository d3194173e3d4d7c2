// The keywords of `global` that change the variables of what follows, at once: setenv, presetenv, unsetenv,
// resetenv and localpeer.
#pragma once

#include <optional>

#include "lb/config/config_error.h"
#include "lb/haproxy/source.h"

namespace reseal::haproxy {

/// Applies the line if it is one of these; what is wrong with it.
std::optional<config::Problem> apply_to_environment(const Source& source, const Line& line,
                                                    Environment& environment);

}  // namespace reseal::haproxy
