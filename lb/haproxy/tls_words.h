// TLS settings that `bind`, `server` and `global` have alike. Pure but for the problems told.
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// TLSv1.2 and TLSv1.3; what is older is raised to TLSv1.2 with a notice, since reseal speaks nothing older.
config::TlsVersion tls_version(Translator& translator, const Line& line, std::size_t word);

/// One word of ssl-default-bind-options, or of a `bind` or `server` line, that allows or forbids versions of TLS and takes no
/// argument: "no-sslv3", "no-tlsv12", "force-tlsv13". False: it is none.
bool read_version_word(Translator& translator, const Line& line, std::size_t word, config::TlsVersion& least,
                       config::TlsVersion& most);

/// Reports versions that leave none.
void check_versions(Translator& translator, const Line& line, config::TlsVersion least,
                    config::TlsVersion most);

}  // namespace reseal::haproxy
