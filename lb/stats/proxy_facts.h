// What HAProxy's statistics say of a proxy, a server or the process besides what is counted. Plain values; part of a snapshot.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

namespace reseal::stats {

/// Of the checks of a server.
struct CheckFacts {
  std::string word;  ///< HAProxy's of the last result, "L7OK"; empty: there was none yet
  std::string description;
  std::string detail;       ///< what HAProxy adds to that
  bool passed = false;      ///< the last one
  std::optional<int> code;  ///< beside a word that has one
  std::uint64_t milliseconds = 0;
  std::uint64_t failed = 0;
  int rise = 0, fall = 0;
  int points = 0;  ///< up from `rise` on
};

struct ProxyFacts {
  int proxy = 0;   ///< its number among the proxies (iid)
  int server = 0;  ///< its number in its backend (sid)
  bool is_tcp = false;
  bool is_listen = false;           ///< frontends: a backend belongs to it, with servers or without
  std::uint64_t limit = 0;          ///< sessions at a time; 0: none
  double connections_a_second = 0;  ///< over the last second
  std::uint64_t highest_request_rate = 0, highest_connection_rate = 0;
  std::string algorithm;  ///< of a backend
  std::string cookie;     ///< the name (backend) or the value (server)
  std::uint64_t downs = 0;
  std::uint64_t seconds_down = 0;
  std::uint64_t seconds_in_state = 0;
  // servers
  bool is_checked = false;     ///< unless it is in maintenance
  bool is_unresolved = false;  ///< in maintenance because its name has no address for it
  bool has_agent = false;
  CheckFacts agent;  ///< what it said last
  CheckFacts check;
  std::string tracked;      ///< "BACKEND/SERVER" whose health it shares; empty: none
  bool is_secured = false;  ///< the hop to it has TLS
  int throttle = 0;         ///< percent of its weight while it starts slowly; 0: it does not
};

struct ProcessFacts {
  int pid = 0;
  std::string node;
  std::string description;
  std::string haproxy_version;  ///< the one whose language is spoken
  std::string built;            ///< "2026/11/30"
  std::time_t started = 0;
  std::uint64_t connections = 0;  ///< of clients, now
  std::uint64_t most_connections = 0;
  std::uint64_t descriptors = 0;  ///< the limit on open files
  std::uint64_t listeners = 0;
  int idle_percent = 100;  ///< of the last second
  bool is_stopping = false;
};

}  // namespace reseal::stats
