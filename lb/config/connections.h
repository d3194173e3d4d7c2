// What a configuration says of connections as such, and of the fields that tell servers whose they are. Plain values.
#pragma once

#include <string>
#include <vector>

namespace reseal::config {

/// A field with an address, added at the end of a request whatever fields of that name a client sent.
struct AddressField {
  std::string name;                 ///< empty: none is added
  std::vector<std::string> except;  ///< addresses or CIDR blocks that get none
  bool if_none = false;             ///< only if the request has no such field
  bool operator==(const AddressField&) const = default;
};

struct AddressFields {
  AddressField source;       ///< the client
  AddressField destination;  ///< where it connected to
  bool operator==(const AddressFields&) const = default;
};

/// Of a frontend.
struct ClientConnections {
  int most = 0;                ///< at a time, all workers together; 0: no limit of its own
  int most_a_second = 0;       ///< accepted; 0: any
  bool one_request = false;    ///< closed after the response (HTTP/1)
  bool server_closes = false;  ///< those to servers are closed after the response
  bool sends_probes = false;   ///< SO_KEEPALIVE
  bool operator==(const ClientConnections&) const = default;
};

/// Of a backend.
struct ServerConnections {
  bool one_request = false;          ///< closed after the response
  bool pretends_keep_alive = false;  ///< the server is not told beforehand
  bool sends_probes = false;         ///< SO_KEEPALIVE
  std::string name_field;            ///< tells the server its own name; empty: none does
  bool operator==(const ServerConnections&) const = default;
};

}  // namespace reseal::config
