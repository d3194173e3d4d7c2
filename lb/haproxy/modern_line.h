// Lines in words that HAProxy once had, said as they are now, where the meaning is certain.
#pragma once

#include <optional>
#include <string_view>

#include "lb/haproxy/source.h"

namespace reseal::haproxy {

/// The same line in today's words, each with the place of the word that it comes from; nothing if it is no such line.
std::optional<Line> modern_line(const Line& line);

/// Why a line in such words does nothing any more, neither here nor with HAProxy; empty if it is none.
std::string_view outlived(const Line& line);

}  // namespace reseal::haproxy
