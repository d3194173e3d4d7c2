#include "lb/proxy/prelude.h"

#include <algorithm>
#include <utility>

namespace reseal::proxy {

Result<bool> Prelude::feed(std::string_view bytes) {
  bytes_.append(bytes);
  if (state_ == State::kProxyHeader) {
    const auto done = read_proxy_header();
    if (!done || !*done) return done;
    state_ = State::kOpening;
  }
  const auto done = read_opening();
  if (!done || !*done) return done;
  state_ = State::kDone;
  return true;
}

Result<bool> Prelude::read_opening() {
  if (opening_ == Opening::kAny) return true;
  if (opening_ == Opening::kClientHello) return read_client_hello();
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const std::size_t common = std::min(bytes_.size(), kPreface.size());
  if (std::string_view(bytes_).substr(0, common) != kPreface.substr(0, common)) return true;  // HTTP/1
  http2_ = common == kPreface.size();
  return http2_;
}

Result<bool> Prelude::read_proxy_header() {
  using Status = net::ProxyParse::Status;
  const net::ProxyParse parsed = net::parse_proxy_header(bytes_);
  if (parsed.status == Status::kNeedMore) return false;
  if (parsed.status == Status::kMalformed) {
    return fail(Code::kProxyHeaderInvalid, Origin::kClient, parsed.detail);
  }
  if (parsed.header.kind == net::ProxyHeader::Kind::kProxied) {
    named_ = true;
    source_ = parsed.header.source;
    destination_ = parsed.header.destination;
  }
  bytes_.erase(0, parsed.consumed);
  has_header_ = true;
  return true;
}

Result<bool> Prelude::read_client_hello() {
  using Status = tls::ClientHelloParse::Status;
  tls::ClientHelloParse parsed = tls::parse_client_hello(bytes_);
  if (parsed.status == Status::kNeedMore) return false;
  if (parsed.status != Status::kComplete) return fail(Code::kClientTlsFailed, Origin::kClient, parsed.detail);
  has_hello_ = true;
  server_name_ = parsed.hello.server_name;
  alpn_ = parsed.hello.alpn;
  hello_ = std::move(parsed.hello);
  return true;
}

}  // namespace reseal::proxy
