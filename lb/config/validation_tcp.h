// The part of the validation that is about mode: tcp, tls: passthrough and what only HTTP can obey.
#pragma once

#include <string>

#include "lb/config/value_reader.h"

namespace reseal::config {

/// Where TLS is opened, the protocol is agreed on before any rule is asked, and without TLS there is none. `who` names
/// the frontend in messages.
void check_alpn_rules(ValueReader& reader, const Frontend& frontend, const std::string& who);

/// What mode: tcp cannot obey must not be taken for obeyed.
void check_tcp(ValueReader& reader, const Frontend& frontend, const std::string& who);

/// Nor must what a backend is to do to messages, where none are read.
void check_tcp_backends(ValueReader& reader, const Configuration& configuration);

/// TLS that goes through unopened must be closed at the other end, and nothing else may go there.
void check_passthrough(ValueReader& reader, const Configuration& configuration);

}  // namespace reseal::config
