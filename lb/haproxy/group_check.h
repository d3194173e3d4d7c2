// Groups that ACLs name of lists of users: HAProxy refuses those that a list does not have.
#pragma once

#include "lb/haproxy/source.h"
#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Tells, of every `http_auth_group(LIST)` of the proxies, which of its groups are not there.
void check_groups(Translator& translator, const Source& source);

}  // namespace reseal::haproxy
