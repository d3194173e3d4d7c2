// `server NAME ADDRESS OPTIONS` and `default-server OPTIONS` (HAProxy's manual, 5.2).
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Adds a server to the backend being read.
void read_server(Translator& translator, const Line& line);
/// `server-template PREFIX NUMBER ADDRESS OPTIONS`: so many servers, PREFIX1 and so on.
void read_server_template(Translator& translator, const Line& line);
/// Changes what the servers after it begin with.
void read_default_server(Translator& translator, const Line& line);

}  // namespace reseal::haproxy
