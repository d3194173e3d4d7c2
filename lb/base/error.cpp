#include "lb/base/error.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace reseal {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Code::kCount_)> kWords = {
    "ok",
    "client_gone",
    "client_timeout",
    "client_tls_failed",
    "proxy_header_invalid",
    "bad_request",
    "ambiguous_request",
    "head_too_large",
    "target_too_long",
    "body_too_large",
    "method_refused",
    "version_refused",
    "expectation_refused",
    "coding_refused",
    "request_denied",
    "no_route",
    "no_server_up",
    "queue_full",
    "queue_timeout",
    "connect_failed",
    "connect_timeout",
    "server_certificate_untrusted",
    "server_certificate_expired",
    "server_certificate_name_mismatch",
    "server_certificate_invalid",
    "server_requires_certificate",
    "server_plaintext",
    "server_tls_failed",
    "server_reset",
    "server_closed",
    "server_truncated",
    "server_refused",
    "server_timeout",
    "server_cannot_upgrade",
    "tunnel_timeout",
    "bad_response",
    "response_denied",
    "server_went_down",
    "backup_relieved",
    "out_of_descriptors",
    "stopped",
    "io",
    "internal",
};

}  // namespace

std::string_view code_word(Code code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kWords.size() ? kWords[index] : kWords[static_cast<std::size_t>(Code::kInternal)];
}

Origin fault_of(Code code) {
  switch (code) {
    case Code::kClientGone:
    case Code::kClientTimeout:
    case Code::kClientTlsFailed:
    case Code::kProxyHeaderInvalid:
    case Code::kBadRequest:
    case Code::kAmbiguousRequest:
    case Code::kHeadTooLarge:
    case Code::kTargetTooLong:
    case Code::kBodyTooLarge:
    case Code::kMethodRefused:
    case Code::kVersionRefused:
    case Code::kExpectationRefused:
    case Code::kCodingRefused:
    case Code::kRequestDenied:
    case Code::kNoRoute:
      return Origin::kClient;
    case Code::kNoServerUp:
    case Code::kQueueFull:
    case Code::kQueueTimeout:
    case Code::kConnectFailed:
    case Code::kConnectTimeout:
    case Code::kServerCertificateUntrusted:
    case Code::kServerCertificateExpired:
    case Code::kServerCertificateNameMismatch:
    case Code::kServerCertificateInvalid:
    case Code::kServerRequiresCertificate:
    case Code::kServerPlaintext:
    case Code::kServerTlsFailed:
    case Code::kServerReset:
    case Code::kServerClosed:
    case Code::kServerTruncated:
    case Code::kServerRefused:
    case Code::kServerCannotUpgrade:
    case Code::kServerTimeout:
    case Code::kBadResponse:
    case Code::kResponseDenied:
    case Code::kServerWentDown:
    case Code::kBackupRelieved:
      return Origin::kServer;
    case Code::kOk:
    case Code::kOutOfDescriptors:
    case Code::kTunnelTimeout:
    case Code::kStopped:
    case Code::kIo:
    case Code::kInternal:
    case Code::kCount_:
      break;
  }
  return Origin::kLocal;
}

std::string describe(const Error& error) {
  std::string text = fmt::format("{}: {}", code_word(error.code), error.detail);
  if (error.system != 0) {
    text += fmt::format(" ({})", std::strerror(error.system));
  }
  return text;
}

}  // namespace reseal
