// `stats` of the section `global`: the sockets of the runtime API and what holds for them.
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// `stats socket`, `stats timeout`, `stats maxconn`.
void read_global_stats(Translator& translator, const Line& line);

}  // namespace reseal::haproxy
