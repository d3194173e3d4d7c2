// Words that HAProxy had until some version, and what does their work now. The advice is HAProxy's own where it
// gives one.
#include <algorithm>

#include "lb/haproxy/keywords.h"

namespace reseal::haproxy {
namespace {

struct Legacy {
  std::string_view first;
  std::string_view second;  // empty: whatever follows
  std::string_view hint;
};

constexpr std::string_view kReplaceRequest =
    "use 'http-request replace-path', 'http-request replace-uri' or 'http-request replace-header' instead";
constexpr std::string_view kReplaceResponse = "use 'http-response replace-header' instead";
constexpr std::string_view kDeleteRequest = "use 'http-request del-header' instead";
constexpr std::string_view kDeleteResponse = "use 'http-response del-header' instead";
constexpr std::string_view kDenyRequest = "use 'http-request deny' instead";
constexpr std::string_view kDenyResponse = "use 'http-response deny' instead";
constexpr std::string_view kAllowRequest = "use 'http-request allow' instead";
constexpr std::string_view kTarpitRequest = "use 'http-request tarpit' instead";
constexpr std::string_view kUseBackend = "use 'use_backend' with a condition instead";
constexpr std::string_view kJustRemove = "just remove it";
constexpr std::string_view kClient = "use 'timeout client' instead";
constexpr std::string_view kConnect = "use 'timeout connect' instead";
constexpr std::string_view kServer = "use 'timeout server' instead";
constexpr std::string_view kThreads = "threads do its work; remove it, or use 'nbthread' instead";

constexpr Legacy kLegacy[] = {
    {"appsession", "", "use 'stick on' with a stick table, or 'cookie', instead"},
    {"block", "", "use 'http-request deny' with the same condition instead"},
    {"cliexp", "", kReplaceRequest},
    {"clitimeout", "", kClient},
    {"contimeout", "", kConnect},
    {"debug", "", "use the command line's -d instead"},
    {"grace", "", "use 'hard-stop-after' in 'global' instead"},
    {"mode", "health", "use 'http-request return status 200' instead"},
    {"monitor-net", "", "use 'http-request return status 200 if { src NETWORK }' instead"},
    {"nbproc", "", kThreads},
    {"option", "accept-invalid-http-req", "use 'option accept-invalid-http-request' instead"},
    {"option", "forceclose", "just remove it, or use 'option httpclose' if it is really needed"},
    {"option", "http-tunnel", kJustRemove},
    {"option", "http-use-htx", "it has been the only way for long; just remove it"},
    {"option", "http_proxy", "use 'http-request set-dst' and 'http-request set-dst-port' instead"},
    {"option", "tcpsplice", "use 'option splice-auto' instead"},
    {"redisp", "", "use 'option redispatch' instead"},
    {"redispatch", "", "use 'option redispatch' instead"},
    {"reqadd", "", "use 'http-request add-header' instead"},
    {"reqallow", "", kAllowRequest},
    {"reqdel", "", kDeleteRequest},
    {"reqdeny", "", kDenyRequest},
    {"reqiallow", "", kAllowRequest},
    {"reqidel", "", kDeleteRequest},
    {"reqideny", "", kDenyRequest},
    {"reqipass", "", kJustRemove},
    {"reqirep", "", kReplaceRequest},
    {"reqisetbe", "", kUseBackend},
    {"reqitarpit", "", kTarpitRequest},
    {"reqpass", "", kJustRemove},
    {"reqrep", "", kReplaceRequest},
    {"reqsetbe", "", kUseBackend},
    {"reqtarpit", "", kTarpitRequest},
    {"rspadd", "", "use 'http-response add-header' instead"},
    {"rspdel", "", kDeleteResponse},
    {"rspdeny", "", kDenyResponse},
    {"rspidel", "", kDeleteResponse},
    {"rspideny", "", kDenyResponse},
    {"rspirep", "", kReplaceResponse},
    {"rsprep", "", kReplaceResponse},
    {"srvexp", "", kReplaceResponse},
    {"srvtimeout", "", kServer},
    {"timeout", "clitimeout", kClient},
    {"timeout", "contimeout", kConnect},
    {"timeout", "srvtimeout", kServer},
    {"tune.chksize", "", "use 'tune.bufsize' instead"},
};

}  // namespace

std::string_view legacy_hint(std::string_view first, std::string_view second) {
  const auto* const found = std::ranges::find_if(kLegacy, [first, second](const Legacy& legacy) {
    return legacy.first == first && (legacy.second.empty() || legacy.second == second);
  });
  return found == std::end(kLegacy) ? std::string_view() : found->hint;
}

}  // namespace reseal::haproxy
