// HAProxy's words for what a check came to (its management manual, 9.1, check_status). Pure.
#pragma once

#include "health/health_listener.h"
#include "health/probe.h"
#include "health/rise_fall.h"
#include "lb/config/model.h"

namespace reseal::health {

/// `secured`: the check is made over TLS. `state`: after this result.
CheckWords words_of(const ProbeResult& result, const config::Check& check, bool secured,
                    const RiseFall& state);

}  // namespace reseal::health
