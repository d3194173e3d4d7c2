#include "lb/base/file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace reseal {

std::expected<std::string, std::string> read_at_most(const std::string& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(std::string("cannot be read: ") + std::strerror(errno));
  std::string bytes(most, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return std::unexpected(std::string("cannot be read: ") + std::strerror(errno));
  return bytes;
}

}  // namespace reseal
