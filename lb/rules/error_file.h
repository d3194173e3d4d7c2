// HAProxy's error files: a whole response of HTTP/1, head and body, sent in place of an error. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "lb/rules/static_body.h"

namespace reseal::rules {

/// The response in `text`. Line ends may be LF alone. Fields that frame it or speak of one connection are left out: they are
/// stated anew. The error says in words what is wrong.
std::expected<StaticBody, std::string> parse_error_file(std::string_view text);

}  // namespace reseal::rules
