// What rules know of a request: what came in, in the form that is compared, beside the head. Views live as long as
// the request; the rest is borrowed for as long. Single thread.
#pragma once

#include <string_view>

#include "lb/base/arena.h"
#include "lb/net/address.h"
#include "lb/rules/expression/sample_context.h"

namespace reseal::rules {

struct RequestFacts {
  std::string_view host;           ///< without port and without the dot of the root: "a.example", "[::1]"
  std::string_view authority;      ///< as received, with its port
  std::string_view path;           ///< in normal form (http/path)
  std::string_view compared_path;  ///< what conditions look at (http/path)
  std::string_view query;          ///< with its '?'; empty: none
  std::string_view method;
  std::string_view scheme;  ///< "http" or "https"
  std::string_view client_address;
  std::string_view request_id;  ///< empty: none is given
  std::string_view frontend;
  std::string_view backend;  ///< empty until one is chosen
  std::string_view alpn;     ///< what the client's unopened TLS offers, as in RFC 7301 3.1; empty: nothing
  /// What expressions look at; null where no rule has any.
  const expression::SampleContext* sample = nullptr;
  Arena* arena = nullptr;                       ///< for what conditions make on their way; null likewise
  const net::Address* client_socket = nullptr;  ///< never null while conditions are looked at
};

}  // namespace reseal::rules
