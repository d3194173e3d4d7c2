// What every request head obeys, whatever protocol it came in: method, host, expectation. One rule in one place, used
// by the readers of HTTP/1 and HTTP/2. Pure; any thread.
#pragma once

#include <string_view>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

constexpr std::size_t kLongestMethod = 32;

/// A token of at most kLongestMethod characters (RFC 9110 9.1).
bool is_valid_method(std::string_view text);
/// Exact: methods are case-sensitive.
Method method_of(std::string_view text);

/// host[:port]. The host is a name of letters, digits, '-' and '_' in labels none of which is empty (a dot may follow the
/// last), or an IPv6 address in brackets; the port at most 65535. RFC 3986 allows more ("%64eny.test", "a!b"), which servers
/// and browsers read in more ways than one, and so past the rules for a host.
bool is_valid_authority(std::string_view authority);
/// The same without a port, which is how a configuration names a host.
bool is_valid_host(std::string_view host);
/// The host of a valid authority as rules compare it but for its case: without port and the dot of the root, and an IPv6
/// address in its shortest form (RFC 5952).
std::string_view compared_host(std::string_view authority, Arena& arena);
/// The same host and port, where `default_port` (":443") need not be written.
bool is_same_authority(std::string_view a, std::string_view b, std::string_view default_port);

/// CONNECT: head.target must be an authority with a port, and that of Host if there is one; it becomes head.authority
/// (RFC 9112 3.2.3).
Result<void> check_connect_target(RequestHead& head);
/// Expect: nothing but one 100-continue (kExpectationRefused); sets head.expect_continue.
Result<void> check_expectation(RequestHead& head);
/// Sets head.accepts_trailers from TE.
void note_te(RequestHead& head);

}  // namespace reseal::http
