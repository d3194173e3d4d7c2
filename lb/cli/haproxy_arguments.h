// HAProxy's command line (its management guide, 3) as far as it is obeyed here. Pure.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

namespace reseal::cli {

struct HaproxyArguments {
  std::vector<std::string> files;  ///< -f, and what follows --
  bool checks_only = false;        ///< -c
  bool is_quiet = false;           ///< -q
  bool shows_version = false;      ///< -v
  bool shows_build = false;        ///< -vv
  bool shows_help = false;         ///< --help
  std::string condition;           ///< -cc
  bool has_condition = false;
  std::string folder;                ///< -C: where relative paths begin
  bool in_background = false;        ///< -D
  bool has_master = false;           ///< -W, -Ws
  bool in_foreground = false;        ///< -db, -d, -Ws: whatever the file says
  bool warnings_are_errors = false;  ///< -dW
  bool shows_diagnostics = false;    ///< -dD
  int max_connections = 0;           ///< -n; 0: as the file says
  bool replaces = false;             ///< -sf, -st
  int stop_signal = 0;               ///< for old_processes
  std::vector<int> old_processes;
  std::string pid_file;                     ///< -p
  std::vector<std::string> without_effect;  ///< harmless flags that do nothing here
};

/// `arguments` are those behind the program's name. The error says which one is not understood.
std::expected<HaproxyArguments, std::string> parse_haproxy_arguments(std::span<const char* const> arguments);

}  // namespace reseal::cli
