// Rules that capture, and the slots of their frontend.
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Of `capture EXPRESSION len N`, which brings its own slot, makes `capture EXPRESSION id SLOT`. False: it may not, and that is
/// told.
bool finish_capture(Translator& translator, const Line& line, bool of_response, config::RuleLine& rule);
/// Once the section has been read: whether rules name slots that are there. `line` is its head.
void check_captures(Translator& translator, const ProxyDraft& draft, const Line& line);

}  // namespace reseal::haproxy
