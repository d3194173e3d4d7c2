// The files that a command line's `-f` names. Blocking: for the control thread only.
#pragma once

#include <string>
#include <vector>

#include "lb/config/config_error.h"
#include "lb/haproxy/source.h"

namespace reseal::haproxy {

struct LoadedFiles {
  std::vector<File> files;
  std::vector<config::Problem> problems;  ///< what could not be read; the rest is there all the same
};

constexpr std::size_t kMostFileBytes = 8 * 1024 * 1024;
constexpr std::size_t kMostBytes = 4 * kMostFileBytes;
constexpr std::size_t kMostFiles = 1000;

/// Files as they are; of folders the files that end in ".cfg" and do not begin with a dot, in lexical order,
/// folders within them not. Text behind a byte order mark.
LoadedFiles load(const std::vector<std::string>& paths);

}  // namespace reseal::haproxy
