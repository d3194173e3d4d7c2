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
  bool shows_version = false;      ///< -v, -vv
  bool shows_help = false;         ///< --help
  std::string condition;           ///< -cc
  bool has_condition = false;
  std::string pid_file;                     ///< -p
  std::vector<std::string> without_effect;  ///< harmless flags that do nothing here
};

/// `arguments` are those behind the program's name. The error says which one is not understood, or not there yet.
std::expected<HaproxyArguments, std::string> parse_haproxy_arguments(std::span<const char* const> arguments);

}  // namespace reseal::cli
