// Where a configuration comes from, for as long as the process lives: read at the start and again at every reload. One kind a
// language: a YAML file (below), or haproxy.cfg files (lb/haproxy/door.h). Control thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lb/config/config_error.h"

namespace reseal::config {

struct Door {
  std::string name;  ///< for messages: the file
  std::function<LoadResult()> load;
  /// Gives problems found after loading their file's name and the line they are about, in the order of their places.
  std::function<void(std::vector<Problem>& problems)> show_lines;
  /// A problem as those who write that language know it: lines with their ends.
  std::function<std::string(const Problem& problem)> render = config::render;
};

/// load_file() and show_lines() of this file.
Door yaml_door(const std::string& file);

}  // namespace reseal::config
