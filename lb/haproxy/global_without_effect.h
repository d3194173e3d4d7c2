// Keywords of `global` that say how HAProxy goes about its work, not what it serves: without effect here.
#pragma once

#include <string_view>

namespace reseal::haproxy {

/// Why; empty if the keyword is not one of them.
std::string_view global_without_effect(std::string_view keyword);

}  // namespace reseal::haproxy
