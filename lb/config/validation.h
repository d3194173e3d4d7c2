// What no single value shows: references, overlaps, hops in plaintext. After reading, before anything is
// built.
#pragma once

#include "lb/config/value_reader.h"

namespace reseal::config {

/// Reports what is wrong with `configuration` to `reader`. Opens no file and resolves no name.
void validate(ValueReader& reader, const Configuration& configuration);

}  // namespace reseal::config
