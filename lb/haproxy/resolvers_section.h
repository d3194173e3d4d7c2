// The section `resolvers`: name servers, and how they are asked.
#pragma once

#include "lb/config/resolvers.h"
#include "lb/haproxy/source.h"
#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Reads /etc/resolv.conf where the section says so. Problems go to `translator`.
config::Resolvers read_resolvers(Translator& translator, const Section& section);

}  // namespace reseal::haproxy
