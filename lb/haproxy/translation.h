// A haproxy.cfg as the model that both doors fill.
#pragma once

#include <optional>
#include <vector>

#include "lb/haproxy/source.h"

namespace reseal::haproxy {

struct Translated {
  std::optional<config::Configuration> configuration;  ///< set if and only if no problem is an error
  std::vector<config::Problem> problems;               ///< the reader's among them
  std::vector<Notice> notices;                         ///< what has no effect here, and what is to be known
};

/// Never throws. Certificates and names are not looked at (runtime/generation does). Control thread.
Translated translate(const Source& source);

}  // namespace reseal::haproxy
