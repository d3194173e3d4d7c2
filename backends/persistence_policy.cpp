#include "backends/persistence_policy.h"

#include <algorithm>

namespace reseal::backends {
namespace {

constexpr std::size_t kKeyBytes = 8;  // two servers of a backend do not meet, and requests stay short
constexpr std::string_view kSecure = "; Secure";

}  // namespace

CookiePersistence::CookiePersistence(Settings settings, const tls::KeyedHash& hash,
                                     const std::string& backend, std::span<const std::string> servers)
    : settings_(std::move(settings)) {
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    // No name holds a NUL, so no two pairs of names make one text.
    std::string key = hash.hex(backend + '\0' + servers[i], kKeyBytes);
    set_cookie_.push_back(settings_.name + "=" + key + settings_.attributes + std::string(kSecure));
    values_.push_back({std::move(key), i});
  }
  std::ranges::sort(values_, {}, &Value::text);
}

std::optional<std::uint32_t> CookiePersistence::server_of(std::string_view value) const {
  // Not in constant time: a client that wants another server's value can have it by asking without a cookie.
  const auto found = std::ranges::lower_bound(values_, value, {}, &Value::text);
  if (found == values_.end() || found->text != value) return std::nullopt;
  return found->server;
}

std::string_view CookiePersistence::set_cookie(std::uint32_t server, bool is_secure) const {
  const std::string_view text = set_cookie_[server];
  const bool secure =
      settings_.secure == CookieSecure::kAlways || (settings_.secure == CookieSecure::kAuto && is_secure);
  return secure ? text : text.substr(0, text.size() - kSecure.size());
}

StickPersistence::StickPersistence(std::string header, std::shared_ptr<StickTable> table,
                                   std::span<const std::string> servers)
    : header_(std::move(header)), table_(std::move(table)) {
  for (const std::string& server : servers) numbers_.push_back(table_->number_of(server));
}

std::optional<std::uint32_t> StickPersistence::server_of(std::uint16_t number) const {
  const auto found = std::ranges::find(numbers_, number);
  if (found == numbers_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - numbers_.begin());
}

}  // namespace reseal::backends
