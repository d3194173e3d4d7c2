// The options of a `bind` line that are about its socket rather than about TLS, and what `unix-bind` of `global` gives to all of
// them.
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Reads the option at `word`, which is left at its last argument. False: it is none of these.
bool read_socket_option(Translator& translator, const Line& line, std::size_t& word, BindDraft& bind);

/// `unix-bind [prefix P] [mode M] [user U] [uid N] [group G] [gid N]`.
void read_unix_bind(Translator& translator, const Line& line);

}  // namespace reseal::haproxy
