// The subcommands, each in the file of its name. Each returns the exit status (exit_status.h) and prints what
// there is to say: results on standard output, complaints on standard error.
#pragma once

#include <string>
#include <vector>

namespace reseal::cli {

/// Serves until stopped. `workers` over 0 replaces the file's number.
int run(const std::string& config_file, int workers);
/// Loads, validates, reads certificates, resolves names; listens nowhere.
int check(const std::string& config_file);
/// Prints haproxy.cfg files, or folders of such, as YAML.
int convert(const std::vector<std::string>& files);
/// HAProxy's command line: argv[0] is "haproxy" or the like, the rest its arguments. Serves, or checks with -c.
int haproxy(int argc, char** argv);

/// Which process is meant: its socket, or the configuration that names it; both empty: the default socket.
struct Target {
  std::string socket;
  std::string config_file;
};
/// Returns when every worker serves the new configuration, or when it has been refused.
int reload(const Target& target);
/// As a table, or as `json`.
int stats(const Target& target, bool json);
/// Begins the drain; `wait`: returns when the process has ended.
int stop(const Target& target, bool wait);

}  // namespace reseal::cli
