// What of HAProxy's language reseal does not do on purpose, and what to do instead. Passing over it would be unsafe.
#pragma once

#include <string_view>

#include "lb/haproxy/source.h"

namespace reseal::haproxy {

/// Why a keyword is refused; empty if it is not on this list. `second` is the word behind it, or empty.
std::string_view why_refused(std::string_view first, std::string_view second);
/// The same of a kind of section.
std::string_view why_refused(SectionKind kind);

}  // namespace reseal::haproxy
