// `http-check expect` and `tcp-check expect`.
#pragma once

#include "lb/haproxy/check_draft.h"
#include "lb/haproxy/check_words.h"

namespace reseal::haproxy {

/// `words` begin behind "expect".
CheckStepDraft read_expect(CheckWords words, bool is_http);

}  // namespace reseal::haproxy
