// Every key that a configuration may have, from the very tables it is read by: what docs/configuration.md is
// held to.
#pragma once

#include <string>
#include <vector>

namespace reseal::config {

struct KeyReference {
  std::string key;           ///< "backends.NAME.check.interval"
  std::string default_text;  ///< as it would be written ("2s"), or in words between '(' and ')'
  std::string example;       ///< as it would be written
  bool is_written = false;   ///< yaml_of() writes it, otherwise another key for it or none
};

/// In the order of the tables: top level, frontends, backends.
std::vector<KeyReference> reference();

}  // namespace reseal::config
