// A configuration without where it was read: two that say the same are then equal, whatever language they were written in.
#pragma once

#include "lb/config/model.h"

namespace reseal::config {

/// All places are none, and no file has a name.
Configuration without_places(Configuration configuration);

}  // namespace reseal::config
