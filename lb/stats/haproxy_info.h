// What HAProxy says of its process (`show info`), key by key in its order: tools look for some of them, and for none to be
// missing before those. What reseal has no figure of is 0. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lb/stats/haproxy_value.h"
#include "lb/stats/snapshot.h"

namespace reseal::stats {

enum class InfoForm : std::uint8_t { kPlain, kTyped, kJson };

/// `described`: each figure with where it comes from (of kPlain and kTyped).
std::string info_text(const Snapshot& snapshot, InfoForm form, bool described);

/// What there is a figure of, by its key.
using InfoValues = std::map<std::string_view, StatValue>;
InfoValues info_values(const Snapshot& snapshot);

}  // namespace reseal::stats
