// The command line: which subcommand runs, with what. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
#pragma once

namespace reseal::cli {

int run_command_line(int argc, char** argv);

}  // namespace reseal::cli
