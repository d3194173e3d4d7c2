#include "health/check_words.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::health;

TEST_CASE("what a check came to is said in HAProxy's words") {
  struct Case {
    Verdict verdict;
    const char* reason;
    config::CheckKind kind;
    bool secured;
    const char* description;
    int code;
    const char* info;
  };
  using enum config::CheckKind;
  for (const Case& c : {
           Case{Verdict::kPassed, "connected", kTcp, false, "Layer4 check passed", 0, ""},
           {Verdict::kPassed, "connected", kTcp, true, "Layer6 check passed", 0, ""},
           {Verdict::kPassed, "HTTP 204", kHttp, true, "Layer7 check passed", 204, ""},
           {Verdict::kFailed, "HTTP 503, expected 200-399", kHttp, false, "Layer7 wrong status", 503,
            "Service Unavailable"},
           {Verdict::kFailed, "connection refused", kTcp, false, "Layer4 connection problem", 0,
            "Connection refused"},
           {Verdict::kFailed, "no connection within 200 ms", kTcp, false, "Layer4 timeout", 0, ""},
           {Verdict::kFailed, "no connection within 200 ms", kHttp, true, "Layer6 timeout", 0, ""},
           {Verdict::kFailed, "no complete answer within 200 ms", kHttp, false, "Layer7 timeout", 0, ""},
           {Verdict::kFailed, "the certificate has expired", kTcp, true, "Layer6 invalid response", 0,
            "SSL handshake failure"},
           {Verdict::kFailed, "bad status line", kHttp, false, "Layer7 invalid response", 0,
            "bad status line"},
       }) {
    INFO(c.reason);
    config::Check check;
    check.kind = c.kind;
    check.rise = 2;
    check.fall = 3;
    RiseFall state(2, 3, true);
    if (c.verdict == Verdict::kFailed) (void)state.failed();
    const CheckWords words = words_of({c.verdict, c.reason, Microseconds(1)}, check, c.secured, state);
    CHECK(words.description == c.description);
    CHECK(words.code.value_or(0) == c.code);
    CHECK(words.info == c.info);
    CHECK(words.is_up);
    CHECK(words.health == (c.verdict == Verdict::kFailed ? 2 : 3));
    CHECK(words.of == 3);
  }
}
