#include "lb/cli/exit_status.h"

#include <fmt/format.h>

#include <cstdio>

namespace reseal::cli {

int complain(const std::string& sentence) {
  fmt::print(stderr, "reseal: {}{}", sentence, sentence.ends_with('\n') ? "" : "\n");
  return kFailed;
}

}  // namespace reseal::cli
