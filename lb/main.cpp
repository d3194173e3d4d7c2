// Where the process begins: wiring only.
#include "lb/cli/command_line.h"

int main(int argc, char** argv) {
  return reseal::cli::run_command_line(argc, argv);
}
