// Health checks of protocols that are not HTTP, as sequences of steps: what both doors name and nobody wants to write by
// hand. They ask what HAProxy's checks of the same names ask, and judge the answers alike. Pure.
#pragma once

#include <string>
#include <vector>

#include "lb/config/check_steps.h"

namespace reseal::config {

/// Greeting, "HELO domain" or "EHLO domain", QUIT.
std::vector<CheckStep> smtp_check(const std::string& hello = "HELO localhost");
/// PING.
std::vector<CheckStep> redis_check();
enum class MysqlAuth : std::uint8_t { kSince41, kBefore41 };
/// The greeting; with a user that has no password, a login too.
std::vector<CheckStep> mysql_check(const std::string& user = {}, MysqlAuth auth = MysqlAuth::kSince41);
/// A startup message; whatever authentication is asked for will do.
std::vector<CheckStep> postgres_check(const std::string& user);
/// An anonymous bind.
std::vector<CheckStep> ldap_check();
/// A ClientHello of SSL 3.0, to which any TLS server answers with something of TLS. Verifies nothing.
std::vector<CheckStep> tls_hello_check();

}  // namespace reseal::config
