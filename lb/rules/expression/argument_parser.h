// Reads what stands in parentheses behind a name, by the row's signature: a letter each argument,
//   s  any text                    i  integer                 n  integer, or a variable's name
//   4  IPv4 address                6  IPv6 address            v  a variable's name
//   m  IPv4 mask, "24" or dotted   M  IPv6 mask, likewise     t  a stick table's name
//   u  a list of users                B  a backend           F  a frontend         S  a server, "backend/server" or its own
//   a  the name of an ACL, with a '!' in front where it must not hold
//   ?  those behind it may be left out
// with HAProxy's quotes and backslashes. Control thread.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/argument.h"
#include "lb/rules/expression/compile_error.h"
#include "lb/rules/expression/environment.h"

namespace reseal::rules::expression {

/// The arguments of `name` at `text[at]`, if a '(' is there; moves `at` behind the ')'. As many as the signature has: those
/// that are left out are not given.
Compiled<std::vector<Argument>> parse_arguments(std::string_view text, std::size_t& at, std::string_view name,
                                                std::string_view signature, const Environment& environment);

}  // namespace reseal::rules::expression
