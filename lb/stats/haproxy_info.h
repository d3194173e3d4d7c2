// What HAProxy says of its process (`show info`), key by key in its order: tools look for some of them, and for none to be
// missing before those. What reseal has no figure of is 0. Pure.
#pragma once

#include <string>

#include "lb/stats/snapshot.h"

namespace reseal::stats {

enum class InfoForm : std::uint8_t { kPlain, kTyped, kJson };

/// `described`: each figure with where it comes from (of kPlain and kTyped).
std::string info_text(const Snapshot& snapshot, InfoForm form, bool described);

}  // namespace reseal::stats
