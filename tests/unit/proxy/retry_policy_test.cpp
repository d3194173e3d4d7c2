#include "lb/proxy/retry_policy.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace reseal;
using namespace reseal::proxy;

namespace {

std::vector<Code> all_codes() {
  std::vector<Code> codes;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Code::kCount_); ++i)
    codes.push_back(static_cast<Code>(i));
  return codes;
}

backends::RetrySettings every_condition() {
  backends::RetrySettings settings;
  settings.bad_response = true;
  return settings;
}

constexpr Attempt kSentGet{.request_sent = true, .idempotent = true};
constexpr Attempt kSentPost{.request_sent = true, .idempotent = false};

}  // namespace

TEST_CASE(
    "unless the configuration says otherwise, what was lost, unreachable or late is repeated, and nothing "
    "else") {
  const backends::RetrySettings settings;
  for (const Code code : all_codes()) {
    INFO(code_word(code));
    const bool lost = code == Code::kServerReset || code == Code::kServerClosed ||
                      code == Code::kServerTruncated || code == Code::kServerRefused || code == Code::kIo;
    const bool unreached = code >= Code::kConnectFailed && code <= Code::kServerTlsFailed;
    CHECK(may_retry(settings, code, kSentGet) == (lost || unreached || code == Code::kServerTimeout));
  }
  for (int status = 0; status < 1000; ++status) CHECK_FALSE(may_retry_status(settings, status, kSentGet));
}

TEST_CASE("no failure makes a POST that may have arrived be repeated, unless the configuration says so") {
  auto settings = every_condition();
  settings.statuses.set();
  for (const Code code : all_codes()) {
    INFO(code_word(code));
    CHECK(may_retry(settings, code, kSentPost) ==
          (code == Code::kServerRefused));  // it says that it has done nothing
  }
  for (int status = 0; status < 1000; ++status) CHECK_FALSE(may_retry_status(settings, status, kSentPost));
  settings.non_idempotent = true;
  for (const Code code : all_codes()) {
    INFO(code_word(code));
    CHECK(may_retry(settings, code, kSentPost) == may_retry(settings, code, kSentGet));
  }
  CHECK(may_retry_status(settings, 503, kSentPost));
}

TEST_CASE(
    "nothing is repeated when the client has seen something, the body is gone, or the attempts are used up") {
  auto settings = every_condition();
  settings.statuses.set();
  settings.non_idempotent = true;
  Attempt started = kSentGet;
  started.response_started = true;
  Attempt lost = kSentGet;
  lost.body_replayable = false;
  Attempt last = kSentGet;
  last.attempts = settings.attempts + 1;
  for (const Attempt& attempt : {started, lost, last}) {
    for (const Code code : all_codes()) CHECK_FALSE(may_retry(settings, code, attempt));
    CHECK_FALSE(may_retry_status(settings, 503, attempt));
  }
}

TEST_CASE("a connection that could not be opened is tried again for any request") {
  const backends::RetrySettings settings;
  for (const Code code :
       {Code::kConnectFailed, Code::kConnectTimeout, Code::kServerCertificateExpired,
        Code::kServerCertificateUntrusted, Code::kServerTlsFailed, Code::kServerPlaintext}) {
    INFO(code_word(code));
    CHECK(may_retry(settings, code, {.request_sent = false, .idempotent = false}));
  }
}

TEST_CASE("each failure belongs to one condition, and is repeated only if that is listed") {
  struct Case {
    Code code;
    bool backends::RetrySettings::* condition;
  };
  for (const Case& c : {
           Case{Code::kServerReset, &backends::RetrySettings::empty_response},
           Case{Code::kServerClosed, &backends::RetrySettings::empty_response},
           Case{Code::kServerTruncated, &backends::RetrySettings::empty_response},
           Case{Code::kServerRequiresCertificate, &backends::RetrySettings::empty_response},
           Case{Code::kServerTimeout, &backends::RetrySettings::response_timeout},
           Case{Code::kBadResponse, &backends::RetrySettings::bad_response},
       }) {
    INFO(code_word(c.code));
    backends::RetrySettings none = every_condition();
    none.*c.condition = false;
    CHECK_FALSE(may_retry(none, c.code, kSentGet));
    none.*c.condition = true;
    CHECK(may_retry(none, c.code, kSentGet));
  }
}

TEST_CASE("what the client or this process is at fault for is never repeated") {
  const auto settings = every_condition();
  for (const Code code : {Code::kOk, Code::kClientGone, Code::kClientTimeout, Code::kBadRequest,
                          Code::kNoRoute, Code::kNoServerUp, Code::kQueueFull, Code::kQueueTimeout,
                          Code::kOutOfDescriptors, Code::kInternal, Code::kTunnelTimeout}) {
    INFO(code_word(code));
    CHECK_FALSE(may_retry(settings, code, kSentGet));
    CHECK_FALSE(may_retry(settings, code, {.request_sent = false, .idempotent = true}));
  }
}

TEST_CASE("a response that is late, or has a listed status, is asked of another server or of none") {
  backends::RetrySettings settings;
  settings.statuses.set(503);
  Attempt alone = kSentGet;
  alone.another_server = false;
  CHECK(may_retry(settings, Code::kServerTimeout, kSentGet));
  CHECK_FALSE(may_retry(settings, Code::kServerTimeout, alone));
  CHECK(may_retry_status(settings, 503, kSentGet));
  CHECK_FALSE(may_retry_status(settings, 503, alone));
  CHECK_FALSE(may_retry_status(settings, 502, kSentGet));
  // A connection that broke may do better at the same server.
  CHECK(may_retry(settings, Code::kServerClosed, alone));
}

TEST_CASE("so many attempts are made as the configuration says") {
  for (int attempts = 0; attempts <= 10; ++attempts) {
    backends::RetrySettings settings;
    settings.attempts = attempts;
    int made = 1;
    for (Attempt attempt = kSentGet; may_retry(settings, Code::kServerReset, attempt); ++attempt.attempts)
      ++made;
    CHECK(made == attempts + 1);
  }
}
