#include <fmt/format.h>

#include <cstdio>

#include "lb/base/host_name.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/haproxy/conversion.h"
#include "tls/openssl_version.h"

extern char** environ;

namespace reseal::cli {

int convert(const std::vector<std::string>& files) {
  haproxy::Environment environment(environ);
  const std::string host = host_name();
  haproxy::define_predefined(environment, host.empty() ? "localhost" : host);
  const haproxy::Source source =
      haproxy::read_files(files, environment, haproxy::own_abilities(tls::openssl_version()));
  haproxy::Converted converted = haproxy::convert(source);
  haproxy::show_lines(source.files, converted.problems);
  for (const config::Problem& problem : converted.problems) fmt::print(stderr, "{}", config::render(problem));
  if (config::has_error(converted.problems)) return complain("nothing was converted");
  fmt::print("{}", converted.yaml);
  return kDone;
}

}  // namespace reseal::cli
