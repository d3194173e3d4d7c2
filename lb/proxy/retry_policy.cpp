#include "lb/proxy/retry_policy.h"

namespace reseal::proxy {
namespace {

/// Another server, or another connection, may do better.
bool is_worth_repeating(Code code) {
  switch (code) {
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
    case Code::kIo:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool may_retry(Code code, const Attempt& attempt) {
  if (attempt.attempts_left <= 0 || attempt.response_started || !attempt.body_replayable) return false;
  // A server that says that it has processed nothing is as good as one that was never asked (RFC 9113 8.7).
  const bool unprocessed = !attempt.request_sent || code == Code::kServerRefused;
  return is_worth_repeating(code) && (unprocessed || attempt.idempotent);
}

}  // namespace reseal::proxy
