// `crt-list FILE` of a `bind` line: certificates a line, with options and the names that each is for (HAProxy's manual, 5.1).
#pragma once

#include <string>

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Adds the certificates of the file to `bind`, whose own settings must be complete: those of a line begin with them.
/// Problems are told at the word of `line` that names the file, and say which of the file's lines they are about. Blocking.
void read_crt_list(Translator& translator, const Line& line, std::size_t word, BindDraft& bind);

}  // namespace reseal::haproxy
