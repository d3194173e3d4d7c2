// The field names of FieldName as text, and the way back: one table look-up and one comparison of three
// words. For message.cpp and the parser only. Pure; any thread.
#pragma once

#include <cstddef>

#include "lb/http/message.h"

namespace reseal::http {

/// Names up to this long can be known; so many bytes of a name are compared at once.
constexpr std::size_t kComparedBytes = 24;

/// The enum value of the name at `name`; kOther if it is none that is known. `length` is not 0. Reads
/// kComparedBytes bytes from `name`, which must be there, whatever they hold. Exact: a match needs no further
/// look at the characters.
FieldName known_name(const char* name, std::size_t length);

/// The name in lower case, static; empty for kOther.
std::string_view known_text(FieldName id);

}  // namespace reseal::http
