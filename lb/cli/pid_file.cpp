#include "lb/cli/pid_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace reseal::cli {

std::expected<void, std::string> write_pid_file(const std::string& path) {
  if (path.empty()) return {};
  std::ofstream file(path, std::ios::trunc);
  file << ::getpid() << '\n';
  file.close();
  if (!file)
    return std::unexpected(fmt::format("the pid file {} cannot be written: {}", path, std::strerror(errno)));
  return {};
}

}  // namespace reseal::cli
