// Names of HAProxy's that reseal knows and does not have: what needs bodies, stick tables, payload, captures, statistics.
#pragma once

#include <string_view>

namespace reseal::rules::expression {

/// A fetch or converter of that name exists in HAProxy.
bool is_not_yet(std::string_view name);

}  // namespace reseal::rules::expression
