// What a PROXY header of version 2 tells beside the addresses of a connection. Plain values.
#pragma once

#include <cstdint>
#include <optional>

namespace reseal::net {

enum class ProxyVersion : std::uint8_t { kV1, kV2 };

/// Of version 2: each where there is something to tell.
struct ProxyAdditions {
  bool tls = false;  ///< that the client came over TLS, its version, and how its certificate was found
  bool common_name = false;  ///< with tls: of the client's certificate
  bool cipher = false;       ///< the same
  bool signature = false;    ///< the same: the algorithm of the certificate that the client was shown
  bool key = false;          ///< the same: its key ("EC256")
  bool alpn = false;         ///< the protocol that was agreed on
  bool authority = false;    ///< the name that the client asked for (SNI)
  bool unique_id = false;    ///< the request's
  bool checksum = false;     ///< a CRC32c of the header
  bool operator==(const ProxyAdditions&) const = default;
};

/// A header as one server gets it.
struct ProxyForm {
  ProxyVersion version = ProxyVersion::kV1;
  std::optional<ProxyAdditions> additions;  ///< none: what reseal tells of itself
  bool operator==(const ProxyForm&) const = default;
};

}  // namespace reseal::net
