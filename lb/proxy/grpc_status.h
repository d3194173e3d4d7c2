// How an error is told to a gRPC client, which looks for grpc-status and takes any other response for a broken one.
// Pure; any thread.
#pragma once

#include "lb/http/message.h"

namespace reseal::proxy {

/// HTTP/2 with a content type of application/grpc ("application/grpc+proto" ...). Not application/grpc-web: that is
/// HTTP with a body.
bool is_grpc(const http::RequestHead& head);

/// The gRPC status for an HTTP status, as gRPC clients read it themselves
/// (grpc/doc/http-grpc-status-mapping.md).
int grpc_status(int http_status);

}  // namespace reseal::proxy
