// Puts KeySchedule into OpenSSL, as a provider of the one algorithm "TLS13-KDF" (provider(7), provider-kdf(7)). A context
// made with kOwnKeySchedule uses it for its handshakes; all else in the process goes on as before.
#pragma once

namespace reseal::tls {

/// OpenSSL's property query for "ours where there is one".
inline constexpr const char* kOwnKeySchedule = "?provider=reseal";

/// Makes the provider known, once for the process; where that fails, contexts use OpenSSL's own. Any thread.
void install_key_schedule();

}  // namespace reseal::tls
