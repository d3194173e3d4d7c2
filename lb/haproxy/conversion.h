// A haproxy.cfg as YAML of reseal's own, for those who want to move on. Control thread.
#pragma once

#include <string>
#include <vector>

#include "lb/config/config_error.h"
#include "lb/haproxy/source.h"

namespace reseal::haproxy {

struct Converted {
  std::string yaml;                       ///< empty if there is an error
  std::vector<config::Problem> problems;  ///< errors and warnings, of the files themselves first
};

/// Whoever loads the YAML gets what whoever loads the files gets; that this is so is made sure of, and anything that YAML
/// has no words for is an error that names it. Above each section stands where it comes from, and what is to be known about
/// it.
Converted convert(const Source& source);

}  // namespace reseal::haproxy
