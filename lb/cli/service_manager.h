// What systemd is told of the process (sd_notify(3)).
#pragma once

#include <string>

namespace reseal::cli {

/// Sends `state` ("READY=1") to the socket that NOTIFY_SOCKET names; nothing where there is none.
void notify_service_manager(const std::string& state);

}  // namespace reseal::cli
