#include "lb/runtime/configured_words.h"

#include "lb/http/sanitize.h"

namespace reseal::runtime {

tls::TlsVersion to_tls(config::TlsVersion version) {
  return version == config::TlsVersion::kTls13 ? tls::TlsVersion::kTls13 : tls::TlsVersion::kTls12;
}

backends::BalanceMethod to_method(config::BalanceKind kind) {
  switch (kind) {
    case config::BalanceKind::kRoundRobin:
      return backends::BalanceMethod::kRoundRobin;
    case config::BalanceKind::kLeastConnections:
      return backends::BalanceMethod::kLeastConnections;
    case config::BalanceKind::kRandomOfTwo:
      return backends::BalanceMethod::kRandomOfTwo;
    case config::BalanceKind::kFirst:
      return backends::BalanceMethod::kFirst;
    case config::BalanceKind::kHashUri:
      return backends::BalanceMethod::kHashUri;
    case config::BalanceKind::kHashParameter:
      return backends::BalanceMethod::kHashParameter;
    case config::BalanceKind::kHashExpression:
      return backends::BalanceMethod::kHashExpression;
    case config::BalanceKind::kHashSource:
      return backends::BalanceMethod::kHashSource;
    case config::BalanceKind::kHashHeader:
      return backends::BalanceMethod::kHashHeader;
  }
  return backends::BalanceMethod::kRoundRobin;
}

backends::ServerProtocol to_protocol(config::Protocol protocol) {
  switch (protocol) {
    case config::Protocol::kHttp1:
      return backends::ServerProtocol::kHttp1;
    case config::Protocol::kH2:
      return backends::ServerProtocol::kH2;
    case config::Protocol::kNegotiated:
      return backends::ServerProtocol::kNegotiated;
  }
  return backends::ServerProtocol::kHttp1;
}

std::optional<net::ProxyVersion> to_proxy_version(config::SendProxy send) {
  if (send == config::SendProxy::kOff) return std::nullopt;
  return send == config::SendProxy::kV1 ? net::ProxyVersion::kV1 : net::ProxyVersion::kV2;
}

http::UnderscoreFields to_underscores(config::UnderscoreFields fields) {
  switch (fields) {
    case config::UnderscoreFields::kDrop:
      return http::UnderscoreFields::kDrop;
    case config::UnderscoreFields::kKeep:
      return http::UnderscoreFields::kKeep;
    case config::UnderscoreFields::kRefuse:
      break;
  }
  return http::UnderscoreFields::kRefuse;
}

proxy::RequestIdSettings to_request_id(const config::RequestId& settings) {
  using Accept = proxy::RequestIdSettings::Accept;
  proxy::RequestIdSettings id{settings.field, http::as_variable(settings.field), Accept::kTrusted,
                              settings.respond};
  if (settings.accept == config::AcceptedIds::kNone) id.accept = Accept::kNone;
  if (settings.accept == config::AcceptedIds::kAny) id.accept = Accept::kAny;
  return id;
}

}  // namespace reseal::runtime
