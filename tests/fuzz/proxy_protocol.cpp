// The bytes at the front of a connection as a PROXY header: the answer depends on nothing behind the header and
// comes with its last byte; what is accepted is bounded, and says the same after it is written and read again.
#include "lb/net/proxy_protocol.h"

#include <algorithm>

#include "tests/fuzz/fuzz_check.h"

namespace reseal::net {
namespace {

using Status = ProxyParse::Status;
using Kind = ProxyHeader::Kind;

bool same_address(const Address& a, const Address& b) {
  return a.host_bytes() == b.host_bytes() && a.port() == b.port();  // an IPv4-mapped one is written as IPv4
}

void check_round_trip(const ProxyHeader& header) {
  const std::string line = write_proxy_header(header, ProxyVersion::kV1);
  const ProxyParse first = parse_proxy_header(line);
  FUZZ_CHECK(first.status == Status::kComplete && first.consumed == line.size());
  FUZZ_CHECK((first.header.kind == Kind::kProxied) == (header.kind == Kind::kProxied));
  FUZZ_CHECK(same_address(first.header.source, header.source));
  FUZZ_CHECK(same_address(first.header.destination, header.destination));

  const std::string bytes = write_proxy_header(header, ProxyVersion::kV2);
  const ProxyParse second = parse_proxy_header(bytes);
  FUZZ_CHECK(second.status == Status::kComplete && second.consumed == bytes.size());
  const ProxyHeader& again = second.header;
  FUZZ_CHECK(again.kind == header.kind);
  FUZZ_CHECK(same_address(again.source, header.source) &&
             same_address(again.destination, header.destination));
  FUZZ_CHECK(again.authority == header.authority && again.alpn == header.alpn);
  FUZZ_CHECK(again.unique_id == header.unique_id && again.tls == header.tls);
}

void check_complete(std::string_view bytes, const ProxyParse& parse) {
  const ProxyHeader& header = parse.header;
  FUZZ_CHECK(parse.consumed > 0 && parse.consumed <= std::min(bytes.size(), kMaxProxyHeaderBytes));
  FUZZ_CHECK(parse_proxy_header(bytes.substr(0, parse.consumed - 1)).status == Status::kNeedMore);
  const ProxyParse alone = parse_proxy_header(bytes.substr(0, parse.consumed));
  FUZZ_CHECK(alone.status == Status::kComplete && alone.consumed == parse.consumed);
  FUZZ_CHECK(header.authority.size() <= kMaxProxyTextBytes && header.alpn.size() <= kMaxProxyTextBytes);
  FUZZ_CHECK(header.unique_id.size() <= kMaxProxyUniqueIdBytes);
  FUZZ_CHECK(header.authority.find_first_of(std::string_view("\0\r\n \x7f", 5)) == std::string_view::npos);
  FUZZ_CHECK(header.tls.common_name.find_first_of(std::string_view("\0\r\n\x7f", 4)) ==
             std::string_view::npos);
  FUZZ_CHECK(header.tls.certificate_sent || !header.tls.certificate_verified);
  const bool proxied = header.kind == Kind::kProxied;
  FUZZ_CHECK((header.source.size() != 0) == proxied && header.source.family() == header.destination.family());
  FUZZ_CHECK(proxied || (header.authority.empty() && header.tls == ProxyTls{}));
  check_round_trip(header);
}

}  // namespace
}  // namespace reseal::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::net;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ProxyParse parse = parse_proxy_header(bytes);
  switch (parse.status) {
    case ProxyParse::Status::kNeedMore:
      FUZZ_CHECK(size < kMaxProxyHeaderBytes);
      break;
    case ProxyParse::Status::kMalformed:
      FUZZ_CHECK(*parse.detail != '\0');
      FUZZ_CHECK(parse_proxy_header(std::string(bytes) + "\r\n").status == ProxyParse::Status::kMalformed);
      break;
    case ProxyParse::Status::kComplete:
      check_complete(bytes, parse);
      break;
  }
  return 0;
}
