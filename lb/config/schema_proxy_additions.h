// proxy_additions: what PROXY headers of version 2 tell, of a backend or one of its servers.
#pragma once

#include "lb/config/section_keys.h"
#include "lb/net/proxy_additions.h"

namespace reseal::config {

using Additions = net::ProxyAdditions;
inline constexpr Key<Additions> kProxyAdditionKeys[] = {
    boolean_key<&Additions::tls>("tls", "false", "true"),
    boolean_key<&Additions::common_name>("common_name", "false", "true"),
    boolean_key<&Additions::cipher>("cipher", "false", "true"),
    boolean_key<&Additions::signature>("signature", "false", "true"),
    boolean_key<&Additions::key>("key", "false", "true"),
    boolean_key<&Additions::alpn>("alpn", "false", "true"),
    boolean_key<&Additions::authority>("authority", "false", "true"),
    boolean_key<&Additions::unique_id>("unique_id", "false", "true"),
    boolean_key<&Additions::checksum>("checksum", "false", "true"),
};

}  // namespace reseal::config
