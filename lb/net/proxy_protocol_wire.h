// The numbers of the PROXY protocol version 2 on the wire (haproxy.org, "The PROXY protocol", 2.2), for its parser
// and its writer. Nobody else includes this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reseal::net {

inline constexpr std::string_view kProxyV1Signature = "PROXY ";
inline constexpr std::string_view kProxyV2Signature{"\r\n\r\n\0\r\nQUIT\n", 12};

/// Signature, version and command, family and transport, length.
constexpr std::size_t kV2FixedBytes = 16;

constexpr std::uint8_t kCommandLocal = 0;
constexpr std::uint8_t kCommandProxy = 1;

constexpr std::uint8_t kFamilyUnspecified = 0;
constexpr std::uint8_t kFamilyIpv4 = 1;
constexpr std::uint8_t kFamilyIpv6 = 2;
constexpr std::uint8_t kFamilyUnix = 3;
/// By family: two addresses and, except for Unix, two ports.
constexpr std::size_t kAddressBlockBytes[] = {0, 2 * 4 + 2 * 2, 2 * 16 + 2 * 2, 2 * 108};

constexpr std::uint8_t kTransportStream = 1;
constexpr std::uint8_t kTransportDatagram = 2;

/// Type and length.
constexpr std::size_t kTlvHeaderBytes = 3;
constexpr std::uint8_t kTlvAlpn = 0x01;
constexpr std::uint8_t kTlvAuthority = 0x02;
constexpr std::uint8_t kTlvCrc32c = 0x03;
constexpr std::uint8_t kTlvUniqueId = 0x05;
constexpr std::uint8_t kTlvTls = 0x20;
constexpr std::uint8_t kTlvTlsVersion = 0x21;
constexpr std::uint8_t kTlvTlsCommonName = 0x22;
constexpr std::uint8_t kTlvTlsCipher = 0x23;
constexpr std::uint8_t kTlvTlsSignature = 0x24;
constexpr std::uint8_t kTlvTlsKey = 0x25;
constexpr std::size_t kChecksumBytes = 4;

/// Of `bytes`, in which the four from `zeros` on count as 0.
std::uint32_t crc32c(std::string_view bytes, std::size_t zeros);

/// Of kTlvTls, in front of its own TLVs: the bits below, and 4 bytes that are 0 for a verified certificate.
constexpr std::size_t kTlsTlvBytes = 5;
constexpr std::uint8_t kClientTls = 0x01;
constexpr std::uint8_t kClientCertificateConnection = 0x02;
constexpr std::uint8_t kClientCertificateSession = 0x04;

}  // namespace reseal::net
