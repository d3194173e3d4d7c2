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
    case Code::kIo:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool may_retry(Code code, const Attempt& attempt) {
  if (attempt.attempts_left <= 0 || attempt.response_started || !attempt.body_replayable) return false;
  return is_worth_repeating(code) && (!attempt.request_sent || attempt.idempotent);
}

}  // namespace reseal::proxy
