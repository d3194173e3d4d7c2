#include "lb/net/proxy_protocol.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "lb/base/text.h"
#include "lb/net/proxy_protocol_wire.h"

namespace reseal::net {
namespace {

using Status = ProxyParse::Status;
using Kind = ProxyHeader::Kind;

ProxyParse malformed(const char* detail) {
  return {.status = Status::kMalformed, .consumed = 0, .header = {}, .detail = detail};
}

// Both begin differently, so the first byte decides.
bool may_begin_with(std::string_view bytes, std::string_view signature) {
  const std::size_t length = std::min(bytes.size(), signature.size());
  return bytes.substr(0, length) == signature.substr(0, length);
}

/// Takes the text up to the next space, and the space; the last field has none behind it.
std::string_view take_field(std::string_view& line) {
  const std::string_view field = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(field.size() + 1, line.size()));
  return field;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto port = parse_decimal(text);
  if (!port || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

// inet_pton takes a C string: whatever it does not take as an address anyway, a NUL above all, is refused first.
bool parse_ip(int family, std::string_view text, void* bytes) {
  char copy[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof(copy)) return false;
  if (text.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return inet_pton(family, copy, bytes) == 1;
}

Address make_address(int family, const void* ip, std::uint16_t port) {
  if (family == AF_INET) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, ip, sizeof(v4.sin_addr));
    return Address::from(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, ip, sizeof(v6.sin6_addr));
  return Address::from(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6));
}

/// `line` without its CRLF and without "PROXY ".
ProxyParse parse_line(std::string_view line, std::size_t consumed) {
  ProxyParse result{.status = Status::kComplete, .consumed = consumed, .header = {}, .detail = ""};
  const bool more = line.find(' ') != std::string_view::npos;
  const std::string_view protocol = take_field(line);
  // Whatever follows UNKNOWN is to be ignored (2.1).
  if (protocol == "UNKNOWN") return result;
  if (protocol != "TCP4" && protocol != "TCP6") return malformed("PROXY: not TCP4, TCP6 or UNKNOWN");
  if (!more) return malformed("PROXY: no addresses");
  const int family = protocol == "TCP4" ? AF_INET : AF_INET6;
  unsigned char source[16];
  unsigned char destination[16];
  if (!parse_ip(family, take_field(line), source)) return malformed("PROXY: not a source address");
  if (!parse_ip(family, take_field(line), destination)) return malformed("PROXY: not a destination address");
  const auto source_port = parse_port(take_field(line));
  // What is left is one field: a space in it, or none before it, makes it no port.
  const auto destination_port = parse_port(line);
  if (!source_port || !destination_port) return malformed("PROXY: not a port");
  result.header.kind = Kind::kProxied;
  result.header.source = make_address(family, source, *source_port);
  result.header.destination = make_address(family, destination, *destination_port);
  return result;
}

ProxyParse parse_v1(std::string_view bytes) {
  const std::string_view seen = bytes.substr(0, kMaxProxyLineBytes);
  const std::size_t end = seen.find_first_of(std::string_view("\r\n\0", 3));
  if (end == std::string_view::npos) {
    if (seen.size() == kMaxProxyLineBytes) return malformed("PROXY: no end of the line in 107 bytes");
    return {};
  }
  if (seen[end] != '\r') return malformed("PROXY: the line does not end in CRLF");
  if (end + 1 == kMaxProxyLineBytes) return malformed("PROXY: no end of the line in 107 bytes");
  if (end + 1 == seen.size()) return {};
  if (seen[end + 1] != '\n') return malformed("PROXY: the line does not end in CRLF");
  // At least "PROXY ": it was compared, and holds neither CR nor LF.
  return parse_line(seen.substr(kProxyV1Signature.size(), end - kProxyV1Signature.size()), end + 2);
}

std::uint8_t octet(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}
std::uint16_t number16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(octet(bytes, at) << 8 | octet(bytes, at + 1));
}
std::uint32_t number32(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(number16(bytes, at)) << 16 | number16(bytes, at + 2);
}

bool is_text(std::string_view value) {
  return value.size() <= kMaxProxyTextBytes && std::none_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

/// A row of TLVs, each within the row and each known type once.
class TlvReader {
 public:
  explicit TlvReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  /// The next one; false when it ends outside, or less than a TLV's own header is left.
  bool next() {
    if (rest_.size() < kTlvHeaderBytes) return false;
    type = octet(rest_, 0);
    const std::size_t length = number16(rest_, 1);
    if (rest_.size() - kTlvHeaderBytes < length) return false;
    value = rest_.substr(kTlvHeaderBytes, length);
    rest_.remove_prefix(kTlvHeaderBytes + length);
    return true;
  }
  /// Whether this type came for the first time; to be asked for the types below 64 that are read.
  bool is_first() {
    const std::uint64_t bit = std::uint64_t{1} << (type & 63);
    const bool first = (seen_ & bit) == 0;
    seen_ |= bit;
    return first;
  }

  std::uint8_t type = 0;
  std::string_view value;

 private:
  std::string_view rest_;
  std::uint64_t seen_ = 0;
};

/// The value of PP2_TYPE_SSL; null or what is wrong.
const char* read_tls(std::string_view value, ProxyTls& tls) {
  if (value.size() < kTlsTlvBytes) return "PROXY v2: an SSL TLV that is too short";
  const std::uint8_t client = octet(value, 0);
  tls.used = (client & kClientTls) != 0;
  tls.certificate_sent = (client & (kClientCertificateConnection | kClientCertificateSession)) != 0;
  tls.certificate_verified = tls.certificate_sent && number32(value, 1) == 0;
  TlvReader reader(value.substr(kTlsTlvBytes));
  while (!reader.at_end()) {
    if (!reader.next()) return "PROXY v2: an SSL TLV's own TLV ends outside of it";
    if (reader.type != kTlvTlsVersion && reader.type != kTlvTlsCommonName) continue;
    if (!reader.is_first()) return "PROXY v2: a TLV stands twice";
    if (!is_text(reader.value)) return "PROXY v2: a TLV's text is too long or has control characters";
    (reader.type == kTlvTlsVersion ? tls.version : tls.common_name) = reader.value;
  }
  return nullptr;
}

/// One TLV whose value matters; null or what is wrong. `whole` is the complete header.
const char* read_tlv(const TlvReader& tlv, std::string_view whole, ProxyHeader& header) {
  switch (tlv.type) {
    case kTlvAlpn:
      if (tlv.value.size() > kMaxProxyTextBytes) return "PROXY v2: an ALPN TLV that is too long";
      header.alpn = tlv.value;
      return nullptr;
    case kTlvAuthority:
      if (!is_text(tlv.value) || tlv.value.find(' ') != std::string_view::npos) {
        return "PROXY v2: the authority is too long or has blanks or control characters";
      }
      header.authority = tlv.value;
      return nullptr;
    case kTlvUniqueId:
      if (tlv.value.size() > kMaxProxyUniqueIdBytes) return "PROXY v2: a unique id over 128 bytes";
      header.unique_id = tlv.value;
      return nullptr;
    case kTlvTls:
      return read_tls(tlv.value, header.tls);
    default:  // kTlvCrc32c
      if (tlv.value.size() != 4) return "PROXY v2: a CRC32c TLV that is not of 4 bytes";
      if (crc32c(whole, static_cast<std::size_t>(tlv.value.data() - whole.data())) !=
          number32(tlv.value, 0)) {
        return "PROXY v2: the CRC32c does not match";
      }
      return nullptr;
  }
}

/// `whole` from `begin` on is TLVs; null or what is wrong.
const char* read_tlvs(std::string_view whole, std::size_t begin, ProxyHeader& header) {
  TlvReader reader(whole.substr(begin));
  while (!reader.at_end()) {
    if (!reader.next()) return "PROXY v2: a TLV ends outside the header";
    const bool is_read = reader.type == kTlvAlpn || reader.type == kTlvAuthority ||
                         reader.type == kTlvCrc32c || reader.type == kTlvUniqueId || reader.type == kTlvTls;
    if (!is_read) continue;
    if (!reader.is_first()) return "PROXY v2: a TLV stands twice";
    if (const char* wrong = read_tlv(reader, whole, header)) return wrong;
  }
  return nullptr;
}

/// `whole` is all of the header and its command is PROXY.
ProxyParse parse_proxied(std::string_view whole) {
  ProxyParse result{.status = Status::kComplete, .consumed = whole.size(), .header = {}, .detail = ""};
  const std::uint8_t family = octet(whole, 13) >> 4;
  const std::uint8_t transport = octet(whole, 13) & 0x0f;
  if (family > kFamilyUnix) return malformed("PROXY v2: an unknown address family");
  if (transport > kTransportDatagram) return malformed("PROXY v2: an unknown transport protocol");
  // How long the block is that such a sender may have filled, nobody says: all of it is ignored (2.2).
  if (family == kFamilyUnspecified) return result;
  const std::size_t block = kAddressBlockBytes[family];
  if (whole.size() < kV2FixedBytes + block) return malformed("PROXY v2: shorter than its addresses");
  ProxyHeader header;
  if (const char* wrong = read_tlvs(whole, kV2FixedBytes + block, header)) return malformed(wrong);
  if (family == kFamilyUnix || transport != kTransportStream) return result;
  const std::size_t ip = family == kFamilyIpv4 ? 4 : 16;
  const int system_family = family == kFamilyIpv4 ? AF_INET : AF_INET6;
  const char* addresses = whole.data() + kV2FixedBytes;
  const std::size_t ports = kV2FixedBytes + 2 * ip;
  header.kind = Kind::kProxied;
  header.source = make_address(system_family, addresses, number16(whole, ports));
  header.destination = make_address(system_family, addresses + ip, number16(whole, ports + 2));
  result.header = header;
  return result;
}

ProxyParse parse_v2(std::string_view bytes) {
  if (bytes.size() <= kProxyV2Signature.size()) return {};
  const std::uint8_t command = octet(bytes, 12);
  if (command >> 4 != 2) return malformed("PROXY v2: not version 2");
  if ((command & 0x0f) > kCommandProxy) return malformed("PROXY v2: an unknown command");
  if (bytes.size() < kV2FixedBytes) return {};
  const std::size_t length = kV2FixedBytes + number16(bytes, 14);
  if (length > kMaxProxyHeaderBytes) return malformed("PROXY v2: longer than 4096 bytes");
  if (bytes.size() < length) return {};
  if ((command & 0x0f) == kCommandLocal) {
    // Its block, family included, is to be discarded unseen (2.2).
    ProxyParse result{.status = Status::kComplete, .consumed = length, .header = {}, .detail = ""};
    result.header.kind = Kind::kLocal;
    return result;
  }
  return parse_proxied(bytes.substr(0, length));
}

}  // namespace

ProxyParse parse_proxy_header(std::string_view bytes) {
  if (may_begin_with(bytes, kProxyV1Signature)) {
    return bytes.size() < kProxyV1Signature.size() ? ProxyParse{} : parse_v1(bytes);
  }
  if (may_begin_with(bytes, kProxyV2Signature)) return parse_v2(bytes);
  return malformed("PROXY: the connection does not begin with a PROXY header");
}

}  // namespace reseal::net
