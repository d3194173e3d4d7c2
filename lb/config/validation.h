// What no single value shows: references, overlaps, hops in plaintext. After reading, before anything is
// built.
#pragma once

#include <set>
#include <string>

#include "lb/config/value_reader.h"

namespace reseal::config {

/// The names of the backends that the default and the rules of `frontend` lead to.
std::set<std::string> used_backends(const Frontend& frontend);

/// Reports what is wrong with `configuration` to `reader`. Opens no file and resolves no name.
void validate(ValueReader& reader, const Configuration& configuration);

}  // namespace reseal::config
