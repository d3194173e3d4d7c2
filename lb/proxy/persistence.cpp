#include "lb/proxy/persistence.h"

#include "backends/hash.h"
#include "lb/base/text.h"
#include "lb/http/characters.h"
#include "lb/http/cookie.h"

namespace reseal::proxy {
namespace {

using backends::CookiePersistence;
using backends::ServerCookiePersistence;
using backends::StickPersistence;

/// The server of the first cookie that stands for one; every cookie of that name is taken out.
std::optional<std::uint32_t> take_cookie(const CookiePersistence& policy, http::RequestHead& head) {
  std::optional<std::uint32_t> server;
  for (http::Field& field : head.fields) {
    if (field.id != http::FieldName::kCookie || field.drop) continue;
    http::for_each_cookie(field.value, [&](const http::Cookie& cookie, std::string_view) {
      if (!server && cookie.name == policy.name()) server = policy.server_of(cookie.value);
    });
    field.value = http::without_cookie(field.value, policy.name(), head.arena);
    if (field.value.empty()) field.drop = true;
  }
  return server;
}

std::optional<std::uint64_t> key_of(const StickPersistence& policy, const ClientFacts& client,
                                    const http::RequestHead& head) {
  if (policy.header().empty()) return backends::hash_bytes(client.address);
  for (const http::Field& field : head.fields) {
    if (!field.drop && equals_ignoring_case(field.name, policy.header()))
      return backends::hash_bytes(field.value);
  }
  return std::nullopt;
}

bool is_kept_from_shared_caches(const http::ResponseHead& head) {
  bool found = false;
  for (const http::Field& field : head.fields) {
    if (field.id != http::FieldName::kCacheControl || field.drop) continue;
    http::for_each_element(field.value, [&](std::string_view directive) {
      found |= equals_ignoring_case(directive, "private") || equals_ignoring_case(directive, "no-store");
    });
  }
  return found;
}

/// A cookie of that name is reseal's: one that the server sets would take its place.
void drop_cookie(std::string_view name, http::ResponseHead& head) {
  for (http::Field& field : head.fields) {
    if (field.id == http::FieldName::kSetCookie && http::sets_cookie(field.value, name)) field.drop = true;
  }
}

ServerCookie::WallSeconds wall_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void insert_cookie(std::string_view set_cookie, http::ResponseHead& head) {
  head.add(http::FieldName::kSetCookie, "Set-Cookie", set_cookie);
  if (!is_kept_from_shared_caches(head)) head.add(http::FieldName::kCacheControl, "Cache-Control", "private");
}

}  // namespace

void Persistence::look_at_request(const ClientFacts& client, http::RequestHead& head, TimePoint now) {
  is_secure_ = client.secure;
  if (const auto* cookie = std::get_if<CookiePersistence>(policy_)) {
    preferred_ = take_cookie(*cookie, head);
    return;
  }
  if (const auto* cookie = std::get_if<ServerCookiePersistence>(policy_)) {
    server_cookie_.look_at_request(*cookie, head, wall_now());
    preferred_ = server_cookie_.server();
    insists_ = cookie->settings().asks_down || server_cookie_.is_forced();
    return;
  }
  const auto& stick = std::get<StickPersistence>(*policy_);
  key_ = key_of(stick, client, head);
  if (!key_) return;
  if (const auto number = stick.table().find(*key_, now)) preferred_ = stick.server_of(*number);
}

void Persistence::prepare_interim(http::ResponseHead& head) const {
  if (policy_ == nullptr) return;
  if (const auto* cookie = std::get_if<CookiePersistence>(policy_)) drop_cookie(cookie->name(), head);
}

void Persistence::look_at_response(http::ResponseHead& head, TimePoint now) {
  if (const auto* cookie = std::get_if<CookiePersistence>(policy_)) {
    drop_cookie(cookie->name(), head);
    // The text lives in the generation, which the exchange pins.
    if (preferred_ != server_) insert_cookie(cookie->set_cookie(server_, is_secure_), head);
  } else if (const auto* named = std::get_if<ServerCookiePersistence>(policy_)) {
    server_cookie_.look_at_response(*named, server_, head, wall_now());
  } else if (key_) {
    const auto& stick = std::get<StickPersistence>(*policy_);
    stick.table().store(*key_, stick.number_of(server_), now);
  }
}

std::string_view Persistence::log_letters() const {
  const auto* cookie = policy_ != nullptr ? std::get_if<ServerCookiePersistence>(policy_) : nullptr;
  return cookie != nullptr ? server_cookie_.log_letters(*cookie) : "--";
}

}  // namespace reseal::proxy
