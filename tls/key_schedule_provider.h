// Puts KeySchedule into OpenSSL, as a provider of the one algorithm "TLS13-KDF" (provider(7), provider-kdf(7)). A context
// made with kOwnKeySchedule uses it for its handshakes; who does not ask for it gets OpenSSL's own.
#pragma once

namespace reseal::tls {

/// OpenSSL's property query for "ours where there is one". A property of its own: one called "provider" would take the
/// place of what the machine's openssl.cnf says about providers, for all algorithms.
inline constexpr const char* kOwnKeySchedule = "?reseal.schedule=yes";

/// Makes the provider known, once for the process; where that fails or the machine uses OpenSSL's FIPS provider, contexts
/// use what OpenSSL has. Any thread.
void install_key_schedule();

}  // namespace reseal::tls
