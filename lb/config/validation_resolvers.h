// Names that are resolved while reseal serves: whom they are asked of, and that they lead nowhere in plaintext by accident.
#pragma once

#include "lb/config/model.h"
#include "lb/config/value_reader.h"

namespace reseal::config {

void validate_resolvers(ValueReader& reader, const Configuration& configuration);

}  // namespace reseal::config
