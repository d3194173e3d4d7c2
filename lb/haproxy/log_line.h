// The lines that name log targets, of `global` and of proxies.
#pragma once

#include <optional>

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// `log TARGET [len N] [format F] [sample RANGES:SIZE] FACILITY [LEVEL [MIN]]`. Nothing if something is wrong, which is
/// reported. Tag and host are not this line's.
std::optional<LogTargetDraft> read_log_target(Translator& translator, const Line& line);

// Of `global`.
void read_global_log(Translator& translator, const Line& line);
void read_global_log_tag(Translator& translator, const Line& line);
void read_log_send_hostname(Translator& translator, const Line& line);

}  // namespace reseal::haproxy
