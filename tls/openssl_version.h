// Which OpenSSL this process runs with. Any thread.
#pragma once

#include <string>

namespace reseal::tls {

/// As it calls itself: "OpenSSL 3.0.19 27 Jan 2026".
std::string openssl_version();

}  // namespace reseal::tls
