// What is wrong with a certificate, key or TLS setting, in words a person can act on.
#pragma once

#include <cstddef>
#include <string>

namespace reseal::tls {

enum class TlsVersion { kTls12, kTls13 };

struct TlsProblem {
  std::string file;                      ///< the file concerned, empty for a setting
  std::size_t index_of_certificate = 0;  ///< which entry of ServerContextOptions::certificates it came from
  std::string message;
};

}  // namespace reseal::tls
