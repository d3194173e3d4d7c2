// `http-check` and `tcp-check`: the steps of a check, one a line.
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

void read_http_check(Translator& translator, const Line& line);
void read_tcp_check(Translator& translator, const Line& line);
/// Makes the section's rules its own: those that were handed down are gone with the first of them.
void begin_own_http_check(ProxyDraft& proxy);
void begin_own_tcp_check(ProxyDraft& proxy);

}  // namespace reseal::haproxy
