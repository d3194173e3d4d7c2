// What differs between two configurations, in words for `reseal reload`. Pure.
#pragma once

#include <string>

#include "lb/config/model.h"

namespace reseal::runtime {

/// One line a change ("backend 'web': server 'web3' (10.0.0.13:8443) added"), or "nothing changed".
std::string describe_changes(const config::Configuration& before, const config::Configuration& after);

}  // namespace reseal::runtime
