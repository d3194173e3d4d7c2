// The command line: which subcommand runs, with what.
#pragma once

namespace reseal::cli {

/// Runs what the arguments say (argv as main() gets it). Returns the exit status, see exit_status.h.
int run_command_line(int argc, char** argv);

}  // namespace reseal::cli
