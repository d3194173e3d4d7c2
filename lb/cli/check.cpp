#include <fmt/format.h>

#include <cstdio>

#include "lb/base/text.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/config/config_error.h"
#include "lb/runtime/generation.h"

namespace reseal::cli {
int check(const std::string& config_file) {
  config::LoadResult loaded = config::load_file(config_file);
  if (loaded.configuration) {
    auto more = runtime::check_configuration(*loaded.configuration);
    loaded.problems.insert(loaded.problems.end(), more.begin(), more.end());
    config::show_lines(loaded.problems, config_file);
  }
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const config::Problem& problem : loaded.problems) {
    errors += problem.severity == config::Severity::kError ? 1 : 0;
    warnings += problem.severity == config::Severity::kWarning ? 1 : 0;
    fmt::print(stderr, "{}", config::render(problem));
  }
  if (errors != 0) {
    fmt::print(stderr, "{}: {}\n", config_file, counted(errors, "error"));
    return kFailed;
  }
  std::size_t servers = 0;
  for (const config::Backend& backend : loaded.configuration->backends) servers += backend.servers.size();
  fmt::print("{}: ok: {}, {}, {}{}\n", config_file,
             counted(loaded.configuration->frontends.size(), "frontend"),
             counted(loaded.configuration->backends.size(), "backend"), counted(servers, "server"),
             warnings != 0 ? ", " + counted(warnings, "warning") : "");
  return kDone;
}

}  // namespace reseal::cli
