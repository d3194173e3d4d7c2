#include "lb/stats/tag_writer.h"

#include <arpa/inet.h>

#include <array>

namespace reseal::stats {
namespace {

constexpr int kHexDigits = 4;

}  // namespace

void TagWriter::text(std::string_view value) {
  quote();
  if (value.empty() && !flags_.quoted) line_.put('-');
  line_.hash_escaped(value, LogLine::Hashed::kControls, flags_.escaped);
  quote();
}

void TagWriter::hashed(std::string_view value, LogLine::Hashed kind) {
  quote();
  line_.hash_escaped(value, kind, flags_.escaped);
  quote();
}

void TagWriter::address(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  char terminated[INET6_ADDRSTRLEN] = "";
  text.copy(terminated, sizeof(terminated) - 1);
  if (!flags_.hex || text.empty()) {
    this->text(text);
  } else if (::inet_pton(AF_INET, terminated, bytes.data()) == 1) {
    for (std::size_t i = 0; i < sizeof(in_addr); ++i) line_.hexadecimal(bytes[i], 2);
  } else if (::inet_pton(AF_INET6, terminated, bytes.data()) == 1) {
    for (const unsigned char byte : bytes) line_.hexadecimal(byte, 2);
  } else {
    this->text(text);
  }
}

void TagWriter::hexadecimal_or_number(std::uint64_t value) {
  flags_.hex ? line_.hexadecimal(value, kHexDigits) : line_.number(value);
}

}  // namespace reseal::stats
