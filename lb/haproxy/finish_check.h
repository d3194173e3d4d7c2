// From what a haproxy.cfg says of checks to the checks of the model.
#pragma once

#include "lb/haproxy/draft.h"
#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// How this server of the proxy is checked; `tls` are the server's settings, whether traffic has TLS or not.
config::OwnCheck finish_check(const ProxyDraft& draft, const ServerDraft& server,
                              const config::ClientTls& tls);
/// What traffic may conclude about it.
config::Passive finish_passive(const ServerCheckOptions& options);
/// What is only to be known about the checks of the proxy.
void tell_of_checks(Translator& translator, const ProxyDraft& draft, const Line& line);

}  // namespace reseal::haproxy
