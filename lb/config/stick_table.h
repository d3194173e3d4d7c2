// A stick table as a configuration says it. Plain values.
#pragma once

#include <string>

#include "lb/config/place.h"
#include "lb/rules/stick/definition.h"

namespace reseal::config {

/// Of one proxy section, whose name it has.
struct StickTable {
  std::string name;
  rules::stick::Definition definition;
  Place place;
  bool operator==(const StickTable&) const = default;
};

}  // namespace reseal::config
