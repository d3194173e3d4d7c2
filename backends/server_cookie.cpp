#include "backends/server_cookie.h"

namespace reseal::backends {

ServerCookiePersistence::ServerCookiePersistence(Settings settings, std::vector<Member> servers)
    : settings_(std::move(settings)), servers_(std::move(servers)) {
  for (const Member& server : servers_) {
    // A server without a value takes the one of another away from its client.
    const std::string value = server.value.empty() ? "; Expires=Thu, 01-Jan-1970 00:00:01 GMT" : server.value;
    set_cookie_.push_back(settings_.name + "=" + value + "; path=/" + settings_.attributes);
  }
}

ServerCookiePersistence::Found ServerCookiePersistence::find(std::string_view value, bool asks_down) const {
  Found found;
  if (value.empty()) return found;
  for (std::uint32_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].value != value) continue;
    found.is_known = true;
    found.is_up = servers_[i].state->is_up();
    if (!found.is_up && !asks_down && !settings_.asks_down) continue;
    found.server = i;
    return found;
  }
  return found;
}

}  // namespace reseal::backends
