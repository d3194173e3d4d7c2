#include <arpa/inet.h>

#include <string>

#include "lb/base/text.h"
#include "lb/net/proxy_protocol.h"
#include "lb/net/proxy_protocol_wire.h"

namespace reseal::net {
namespace {

// The last four bytes of an IPv4-mapped address are the IPv4 one.
constexpr std::string_view kMappedPrefix{"\0\0\0\0\0\0\0\0\0\0\xff\xff", 12};

bool is_proxied(const ProxyHeader& header) {
  return header.kind == ProxyHeader::Kind::kProxied && !header.source.host_bytes().empty() &&
         !header.destination.host_bytes().empty();
}

bool is_ipv4(const ProxyHeader& header) {
  return header.source.host_bytes().size() == 4 && header.destination.host_bytes().size() == 4;
}

std::string ip_bytes(const Address& address, bool ipv4) {
  const std::string_view bytes = address.host_bytes();
  std::string out;
  if (!ipv4 && bytes.size() == 4) out = kMappedPrefix;
  return out.append(bytes);
}

void append_ip_text(std::string& out, const Address& address, bool ipv4) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(ipv4 ? AF_INET : AF_INET6, ip_bytes(address, ipv4).data(), text, sizeof(text));
  out.append(text).push_back(' ');
}

std::string write_v1(const ProxyHeader& header) {
  std::string out(kProxyV1Signature);
  if (!is_proxied(header)) return out + "UNKNOWN\r\n";
  const bool ipv4 = is_ipv4(header);
  out += ipv4 ? "TCP4 " : "TCP6 ";
  append_ip_text(out, header.source, ipv4);
  append_ip_text(out, header.destination, ipv4);
  out.append(DecimalText(header.source.port()).view()).push_back(' ');
  return out.append(DecimalText(header.destination.port()).view()).append("\r\n");
}

void append_octet(std::string& out, unsigned value) {
  out.push_back(static_cast<char>(value));
}

void append_number16(std::string& out, std::size_t value) {
  append_octet(out, static_cast<unsigned>(value >> 8 & 0xff));
  append_octet(out, static_cast<unsigned>(value & 0xff));
}

void append_tlv(std::string& out, std::uint8_t type, std::string_view value, std::size_t limit) {
  if (value.empty() || value.size() > limit) return;
  append_octet(out, type);
  append_number16(out, value.size());
  out.append(value);
}

void append_tls(std::string& out, const ProxyTls& tls) {
  if (tls == ProxyTls{}) return;
  std::string value;
  const unsigned certificate = tls.certificate_resumed ? kClientCertificateSession
                               : tls.certificate_sent
                                   ? kClientCertificateConnection | kClientCertificateSession
                                   : 0U;
  append_octet(value, (tls.used ? kClientTls : 0U) | certificate);
  const std::uint32_t unverified = tls.verify_result != 0 ? tls.verify_result : 1;
  const std::uint32_t verified =
      tls.certificate_verified || (tls.is_told && certificate == 0) ? 0 : unverified;
  append_number16(value, verified >> 16);
  append_number16(value, verified & 0xffff);
  append_tlv(value, kTlvTlsVersion, tls.version, kMaxProxyTextBytes);
  append_tlv(value, kTlvTlsCommonName, tls.common_name, kMaxProxyTextBytes);
  append_tlv(value, kTlvTlsKey, tls.key, kMaxProxyTextBytes);
  append_tlv(value, kTlvTlsSignature, tls.signature, kMaxProxyTextBytes);
  append_tlv(value, kTlvTlsCipher, tls.cipher, kMaxProxyTextBytes);
  append_tlv(out, kTlvTls, value, kMaxProxyHeaderBytes);
}

/// What stands behind the fixed part, with room for a checksum.
std::string write_block(const ProxyHeader& header, bool proxied, bool ipv4) {
  std::string block;
  if (proxied) {
    block = ip_bytes(header.source, ipv4) + ip_bytes(header.destination, ipv4);
    append_number16(block, header.source.port());
    append_number16(block, header.destination.port());
  }
  if (header.checksum) append_tlv(block, kTlvCrc32c, std::string(kChecksumBytes, '\0'), kChecksumBytes);
  append_tlv(block, kTlvAlpn, header.alpn, kMaxProxyTextBytes);
  append_tlv(block, kTlvAuthority, header.authority, kMaxProxyTextBytes);
  append_tlv(block, kTlvUniqueId, header.unique_id, kMaxProxyUniqueIdBytes);
  append_tls(block, header.tls);
  return block;
}

std::string write_v2(const ProxyHeader& header) {
  const bool proxied = is_proxied(header);
  const bool ipv4 = is_ipv4(header);
  const std::string block = write_block(header, proxied, ipv4);
  const unsigned command = header.kind == ProxyHeader::Kind::kLocal ? kCommandLocal : kCommandProxy;
  const unsigned family = ipv4 ? kFamilyIpv4 : kFamilyIpv6;
  std::string out(kProxyV2Signature);
  append_octet(out, 2U << 4 | command);
  append_octet(out, proxied ? family << 4 | kTransportStream : 0);
  append_number16(out, block.size());
  out += block;
  if (header.checksum) {
    const std::size_t addresses =
        proxied ? kAddressBlockBytes[static_cast<std::size_t>(ipv4 ? kFamilyIpv4 : kFamilyIpv6)] : 0;
    const std::size_t at = kV2FixedBytes + addresses + kTlvHeaderBytes;
    const std::uint32_t sum = crc32c(out, at);
    std::string bytes;
    append_number16(bytes, sum >> 16);
    append_number16(bytes, sum & 0xffff);
    out.replace(at, kChecksumBytes, bytes);
  }
  return out;
}

}  // namespace

std::string write_proxy_header(const ProxyHeader& header, ProxyVersion version) {
  return version == ProxyVersion::kV1 ? write_v1(header) : write_v2(header);
}

}  // namespace reseal::net
