// haproxy.cfg files as the source of the process's configuration.
#pragma once

#include <functional>

#include "lb/config/door.h"
#include "lb/haproxy/translation.h"

namespace reseal::haproxy {

struct DoorSettings {
  std::vector<std::string> paths;  ///< as with -f: files and folders
  Environment environment;
  Abilities abilities;
  std::function<void(const Notice&)> on_notice;  ///< called for each while loading
  bool serves = true;                            ///< so something must listen; false: for looking at it alone
};

config::Door door(DoorSettings settings);

}  // namespace reseal::haproxy
