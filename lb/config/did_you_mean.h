// The words of lb/base/did_you_mean under the names that the reader of configurations knows them by.
#pragma once

#include "lb/base/did_you_mean.h"

namespace reseal::config {

using reseal::did_you_mean;
using reseal::one_of;
using reseal::shortened;

}  // namespace reseal::config
