// What becomes of the process once it has started: part of the model (model.h). Plain values; any
// thread.
#pragma once

#include <optional>
#include <string>

#include "lb/config/place.h"

namespace reseal::config {

struct ProcessSettings {
  bool daemon = false;                  ///< goes into the background once it listens
  std::string pid_file;                 ///< empty: none
  std::string root;                     ///< chroot; empty: none
  std::optional<unsigned> user, group;  ///< it goes on as these once it listens; only root can
  Place place;
  bool operator==(const ProcessSettings&) const = default;
};

}  // namespace reseal::config
