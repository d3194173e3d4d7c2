#include "lb/proxy/retry_policy.h"

namespace reseal::proxy {
namespace {

enum class Kind { kNever, kBeforeSending, kConnectionLost };

Kind kind_of(Code code) {
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
      return Kind::kBeforeSending;
    case Code::kServerReset:
    case Code::kServerClosed:
    case Code::kServerTruncated:
    case Code::kIo:
      return Kind::kConnectionLost;
    default:
      return Kind::kNever;
  }
}

}  // namespace

bool may_retry(Code code, const Attempt& attempt) {
  if (attempt.attempts_left <= 0 || attempt.response_started || !attempt.body_replayable) return false;
  const Kind kind = kind_of(code);
  if (kind == Kind::kNever) return false;
  return !attempt.request_sent || attempt.idempotent;
}

}  // namespace reseal::proxy
