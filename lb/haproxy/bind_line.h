// `bind ADDRESS... OPTIONS` (HAProxy's manual, 5.1).
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Adds a bind to the frontend being read.
void read_bind(Translator& translator, const Line& line);

}  // namespace reseal::haproxy
