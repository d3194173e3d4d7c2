#include "backends/server_cookie.h"

#include <fmt/format.h>

#include "backends/xxh64.h"

namespace reseal::backends {
namespace {

/// As HAProxy makes it of the same key and address.
std::string dynamic_value(const std::string& key, const net::Address& address) {
  constexpr std::size_t kPortBytes = 4;
  std::string text = key + std::string(address.host_bytes());
  for (std::size_t i = kPortBytes; i-- > 0;)
    text += static_cast<char>(std::uint32_t{address.port()} >> (8 * i) & 0xffU);
  return fmt::format("{:016x}", xxh64(text));
}

}  // namespace

ServerCookiePersistence::ServerCookiePersistence(Settings settings, std::vector<Member> servers)
    : settings_(std::move(settings)), servers_(std::move(servers)) {
  for (Member& server : servers_) {
    // Before the address is asked: one that moves meanwhile is seen to have moved.
    versions_.push_back(server.state->address.version());
    if (!server.key.empty()) server.value = dynamic_value(server.key, server.state->address.get());
    set_cookie_.push_back(text_with(server.value));
  }
}

std::string ServerCookiePersistence::value_now(std::uint32_t server) const {
  return dynamic_value(servers_[server].key, servers_[server].state->address.get());
}

std::string ServerCookiePersistence::text_with(const std::string& value) const {
  // A server without a value takes the one of another away from its client.
  const std::string told = value.empty() ? "; Expires=Thu, 01-Jan-1970 00:00:01 GMT" : value;
  return settings_.name + "=" + told + "; path=/" + settings_.attributes;
}

ServerCookiePersistence::Found ServerCookiePersistence::find(std::string_view value, bool asks_down) const {
  Found found;
  if (value.empty()) return found;
  for (std::uint32_t i = 0; i < servers_.size(); ++i) {
    if (has_moved(i) ? value_now(i) != value : servers_[i].value != value) continue;
    found.is_known = true;
    found.is_up = servers_[i].state->is_up();
    if (!found.is_up && !asks_down && !settings_.asks_down) continue;
    found.server = i;
    return found;
  }
  return found;
}

}  // namespace reseal::backends
