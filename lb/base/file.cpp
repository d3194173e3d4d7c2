#include "lb/base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace reseal {

std::expected<std::string, std::string> read_at_most(const std::string& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(std::string("cannot be read: ") + std::strerror(errno));
  std::string bytes;
  // By pieces: room for all that there may be would be hundreds of megabytes for a small file.
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  while (bytes.size() < most && file.good()) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(kPiece, most - before));
    file.read(bytes.data() + before, static_cast<std::streamsize>(bytes.size() - before));
    bytes.resize(before + static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return std::unexpected(std::string("cannot be read: ") + std::strerror(errno));
  return bytes;
}

}  // namespace reseal
