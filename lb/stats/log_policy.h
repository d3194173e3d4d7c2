// Of which requests and connections a frontend writes lines, and of which level (options of HAProxy's). Plain values.
#pragma once

namespace reseal::stats {

struct LogPolicy {
  bool only_errors = false;         ///< dontlog-normal: nothing of what went as it should
  bool separate_errors = false;     ///< log-separate-errors: what did not is of level err
  bool early = false;               ///< logasap: at the response's head
  bool announces = false;           ///< "Connect from ...", in place of lines by a format
  bool unheard = false;             ///< connections that end within a request's head get a line
  bool null_connections = false;    ///< and those on which nothing came
  bool handshake_failures = false;  ///< "SSL handshake failure"
  bool messages = false;            ///< HAProxy's own go to the same targets
  bool operator==(const LogPolicy&) const = default;
};

}  // namespace reseal::stats
