#include "lb/proxy/retry_policy.h"

namespace reseal::proxy {
namespace {

bool is_listed(const backends::RetrySettings& settings, RetryCondition condition) {
  switch (condition) {
    case RetryCondition::kConnectFailure:
      return settings.connect_failure;
    case RetryCondition::kEmptyResponse:
      return settings.empty_response;
    case RetryCondition::kResponseTimeout:
      return settings.response_timeout;
    case RetryCondition::kBadResponse:
      return settings.bad_response;
  }
  return false;
}

bool is_repeatable(const backends::RetrySettings& settings, const Attempt& attempt, bool processed) {
  if (attempt.attempts > settings.attempts || attempt.response_started || !attempt.body_replayable)
    return false;
  return !processed || attempt.idempotent || settings.non_idempotent;
}

}  // namespace

std::optional<RetryCondition> retry_condition(Code code, bool request_sent) {
  switch (code) {
    case Code::kConnectFailed:
    case Code::kConnectTimeout:
      return RetryCondition::kConnectFailure;
    // In TLS 1.3 a server's refusal of our certificate may come after the request was sent (RFC 8446 2).
    case Code::kServerCertificateUntrusted:
    case Code::kServerCertificateExpired:
    case Code::kServerCertificateNameMismatch:
    case Code::kServerCertificateInvalid:
    case Code::kServerRequiresCertificate:
    case Code::kServerPlaintext:
    case Code::kServerTlsFailed:
    case Code::kIo:
      return request_sent ? RetryCondition::kEmptyResponse : RetryCondition::kConnectFailure;
    case Code::kServerReset:
    case Code::kServerClosed:
    case Code::kServerTruncated:
      return RetryCondition::kEmptyResponse;
    case Code::kServerRefused:
      return RetryCondition::kConnectFailure;
    case Code::kServerTimeout:
      return RetryCondition::kResponseTimeout;
    case Code::kBadResponse:
      return RetryCondition::kBadResponse;
    default:
      return std::nullopt;
  }
}

bool may_retry(const backends::RetrySettings& settings, Code code, const Attempt& attempt) {
  const auto condition = retry_condition(code, attempt.request_sent);
  if (!condition || !is_listed(settings, *condition)) return false;
  // A server that says that it has processed nothing is as good as one that was never asked (RFC 9113 8.7).
  const bool processed = attempt.request_sent && code != Code::kServerRefused;
  if (!is_repeatable(settings, attempt, processed)) return false;
  return *condition != RetryCondition::kResponseTimeout || attempt.another_server;
}

bool goes_elsewhere(const backends::RetrySettings& settings, int attempts, bool takes_turns) {
  if (!settings.redispatch) return true;
  const int every = *settings.redispatch;
  if (every == 0) return false;
  if (takes_turns) return true;
  const int step = every > 0 ? every : settings.attempts + 1 + every;
  return step > 0 && attempts % step == 0;
}

bool may_retry_status(const backends::RetrySettings& settings, int status, const Attempt& attempt) {
  const auto index = static_cast<std::size_t>(status);
  return index < settings.statuses.size() && settings.statuses[index] && attempt.another_server &&
         is_repeatable(settings, attempt, true);
}

}  // namespace reseal::proxy
