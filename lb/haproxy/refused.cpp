#include "lb/haproxy/refused.h"

#include <algorithm>
#include <iterator>

namespace reseal::haproxy {
namespace {

struct Refused {
  std::string_view first;
  std::string_view second;  ///< what the second word begins with; empty: whatever follows
  std::string_view why;
};

constexpr std::string_view kNoLua =
    "reseal runs no Lua: say by rules, maps and variables what the script decides, and take out what uses it";
constexpr std::string_view kNoSpoe =
    "reseal asks no SPOE agents: let the service answer HTTP and stand in front of the servers, or use "
    "rules, maps and "
    "stick tables";
constexpr std::string_view kNoFastCgi =
    "reseal speaks no FastCGI: put a web server that does (nginx, php-fpm's own behind one) in front of the "
    "application";
constexpr std::string_view kNoTransparent =
    "reseal connects from its own addresses; 'option forwardfor' or 'send-proxy-v2' tells servers who the "
    "client is";

constexpr Refused kRefused[] = {
    {"lua-load", "", kNoLua},
    {"lua-load-per-thread", "", kNoLua},
    {"filter", "spoe", kNoSpoe},
    {"filter", "fcgi-app", kNoFastCgi},
    {"filter", "bwlim", "reseal does not limit bandwidth: limit requests by a stick table's http_req_rate"},
    {"use-fcgi-app", "", kNoFastCgi},
    {"http-request", "lua.", kNoLua},
    {"http-response", "lua.", kNoLua},
    {"http-after-response", "lua.", kNoLua},
    {"tcp-request", "lua.", kNoLua},
    {"http-request", "send-spoe-group", kNoSpoe},
    {"http-response", "send-spoe-group", kNoSpoe},
    {"option", "transparent", kNoTransparent},
    {"option", "spop-check", kNoSpoe},
    {"issuers-chain-path", "", "put the issuers behind the certificate, into its file"},
};

}  // namespace

std::string_view why_refused(std::string_view first, std::string_view second) {
  const auto* const row = std::ranges::find_if(
      kRefused, [&](const Refused& each) { return each.first == first && second.starts_with(each.second); });
  return row == std::end(kRefused) ? std::string_view() : row->why;
}

std::string_view why_refused(SectionKind kind) {
  switch (kind) {
    case SectionKind::kPeers:
      return "reseal's stick tables are one process's, kept over reloads: take the section out, and 'peers' "
             "of the tables "
             "has no effect";
    case SectionKind::kFcgiApp:
      return kNoFastCgi;
    case SectionKind::kProgram:
      return "reseal starts no programs: let systemd or another service manager start it";
    case SectionKind::kRing:
      return "log targets are UDP, unix sockets, stdout, stderr and fd@N: give one of these to 'log'";
    case SectionKind::kLogForward:
      return "reseal passes no logs on: let a syslog daemon do it";
    default:
      return {};
  }
}

}  // namespace reseal::haproxy
