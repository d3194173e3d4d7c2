// Answers of protocols that no pattern can judge. Pure; every length that a server states is checked against what is there.
#pragma once

#include "health/expectation.h"

namespace reseal::health {

/// One packet of MySQL, its greeting or what it says to a login: an error packet is a failure with its code.
Judgement judge_mysql(const Answer& answer, bool is_greeting);
/// A BindResponse of LDAP version 3 (RFC 4511 4.2.2).
Judgement judge_ldap(const Answer& answer);

}  // namespace reseal::health
