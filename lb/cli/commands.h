// The subcommands; each in the file of its name. Each returns the exit status.
#pragma once

#include <string>

namespace reseal::cli {

/// Serves until stopped.
int run(const std::string& config_file, int workers);
/// Loads, validates, reads certificates, resolves names; listens nowhere.
int check(const std::string& config_file);

/// Which process is meant: its socket, or the configuration that names it; both empty: the default socket.
struct Target {
  std::string socket;
  std::string config_file;
};
int reload(const Target& target);
int stats(const Target& target, bool json);
int stop(const Target& target, bool wait);

}  // namespace reseal::cli
