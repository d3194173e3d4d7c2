// Of a server: what only few configurations say. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lb/config/agent_check.h"

namespace reseal::config {

/// What follows when traffic has reason to doubt a server.
enum class Suspicion : std::uint8_t {
  kDown,         ///< down at once
  kCheckSoon,    ///< its check is made at the fast interval
  kFailedCheck,  ///< counts as one failed check
  kLastChance    ///< the next failed check takes it down
};

struct ServerOptions {
  bool may_lack_address = false;  ///< a name that does not resolve: out of service until a reload finds it
  std::vector<std::string> fallbacks;  ///< addresses in place of a name that does not resolve
  int address_index = 0;               ///< which of the addresses that the name has
  int addresses_wanted =
      1;                    ///< by how many servers of this name: those beyond what it has are out of service
  char prefers_family = 0;  ///< '4' or '6': where the name has both
  bool may_share_address = false;  ///< another server of the backend may have the same one
  std::string source;              ///< the address that connections come from; empty: the system chooses
  std::uint16_t source_port = 0;
  /// The port is the one that the client connected to, with this added.
  std::optional<int> port_offset;
  int min_requests = 0;  ///< the limit of requests while there are few; 0: max_requests
  std::string
      redirect_prefix;  ///< GET and HEAD are answered by a redirect to what they ask for behind it; empty: none
  std::string tracks;  ///< "backend/server", whose health it shares
  std::string
      resolvers;  ///< of that name: they are asked for its address while reseal serves; empty: nobody is
  std::vector<std::string> prefers_networks;  ///< addresses of these, where the name has others too
  bool shares_addresses = false;              ///< servers of the same name may get the same address
  bool keeps_weight = false;                  ///< whatever weight the name's records tell
  std::optional<AgentCheck> agent;
  std::optional<Duration> slow_start;         ///< none: as the backend says
  bool ends_sessions_when_down = false;       ///< its own end when it goes down
  bool ends_backup_sessions_when_up = false;  ///< those at its backend's backups end when it comes up
  bool operator==(const ServerOptions&) const = default;
};

}  // namespace reseal::config
