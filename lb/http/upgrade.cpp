#include "lb/http/upgrade.h"

#include <optional>

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::http {
namespace {

constexpr int kSwitchingProtocols = 101;

bool connection_names_upgrade(const MessageHead& head) {
  bool named = false;
  for (const Field& field : head.fields) {
    if (field.id != FieldName::kConnection) continue;
    for_each_element(field.value, [&](std::string_view option) {
      named = named || equals_ignoring_case(option, "upgrade");
    });
  }
  return named;
}

/// What the one Upgrade field names, if Connection names it too.
std::optional<std::string_view> only_protocol(const MessageHead& head) {
  const Field* upgrade = nullptr;
  for (const Field& field : head.fields) {
    if (field.id != FieldName::kUpgrade) continue;
    if (upgrade != nullptr) return std::nullopt;
    upgrade = &field;
  }
  if (upgrade == nullptr || !connection_names_upgrade(head)) return std::nullopt;
  return upgrade->value;
}

/// "name" or "name/version".
bool is_protocol(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view name = text.substr(0, slash);
  if (name.empty() || !all_chars(name, kTokenChar)) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view version = text.substr(slash + 1);
  return !version.empty() && all_chars(version, kTokenChar);
}

/// h2c, HTTP/2.0, TLS/1.2, ...: requests, or the means to hide them, instead of an application's protocol.
bool is_http_or_tls(std::string_view protocol) {
  const std::string_view name = protocol.substr(0, protocol.find('/'));
  return equals_ignoring_case(name, "h2c") || equals_ignoring_case(name, "h2") ||
         equals_ignoring_case(name, "http") || equals_ignoring_case(name, "tls");
}

}  // namespace

bool is_tunnel_protocol(std::string_view protocol) {
  return is_protocol(protocol) && !is_http_or_tls(protocol);
}

Result<void> decide_tunnel_request(RequestHead& head) {
  if (head.method == Method::kConnect) {
    if (head.framing.kind != BodyKind::kNone) {
      return fail(Code::kAmbiguousRequest, Origin::kClient, "CONNECT with a body");
    }
    head.framing.kind = BodyKind::kTunnel;
    return {};
  }
  if (head.version != Version::kHttp11 || head.framing.kind != BodyKind::kNone) return {};
  const auto protocol = only_protocol(head);
  if (!protocol || !is_tunnel_protocol(*protocol)) return {};
  head.upgrade = *protocol;
  head.framing.kind = BodyKind::kTunnel;
  return {};
}

Result<void> decide_tunnel_response(std::string_view upgrade, ResponseHead& head) {
  if (upgrade.empty()) {
    const bool connected = head.status >= 200 && head.status < 300;
    if (connected) head.framing = {BodyKind::kTunnel, 0, false};
    return {};
  }
  if (head.status != kSwitchingProtocols) return {};
  const auto protocol = only_protocol(head);
  if (!protocol || !equals_ignoring_case(*protocol, upgrade)) {
    return fail(Code::kBadResponse, Origin::kServer, "101 without the protocol that was asked for");
  }
  head.upgrade = *protocol;
  head.framing = {BodyKind::kTunnel, 0, false};
  return {};
}

}  // namespace reseal::http
