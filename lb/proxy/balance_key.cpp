#include "lb/proxy/balance_key.h"

#include <cstring>

#include "backends/hash.h"
#include "lb/base/text.h"

namespace reseal::proxy {
namespace {

using backends::BalanceMethod;
using backends::HashSettings;

/// The first field of that name; of HTTP/2 the authority stands for Host.
std::optional<std::string_view> find_field(std::string_view name, const http::RequestHead& head) {
  for (const http::Field& field : head.fields) {
    if (!field.drop && equals_ignoring_case(field.name, name)) return field.value;
  }
  if (name == "host" && !head.authority.empty()) return head.authority;
  return std::nullopt;
}

/// Of "www.example.org" "example": what stands before the last dot, from the dot before that.
std::string_view domain_in(std::string_view host) {
  const std::size_t end = host.rfind('.');
  if (end == std::string_view::npos) return {};
  host = host.substr(0, end);
  return host.substr(host.rfind('.') + 1);
}

std::string_view uri_of(const HashSettings& hash, const ClientFacts& client, http::RequestHead& head) {
  // HAProxy has all of it in HTTP/2.
  if (hash.uri_path_only || head.version != http::Version::kHttp2 || !head.target.starts_with('/'))
    return head.target;
  const std::string_view parts[] = {client.secure ? "https://" : "http://", head.authority, head.target};
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  char* const begin = head.arena.allocate(size);
  char* end = begin;
  for (const std::string_view part : parts) {
    std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  return {begin, size};
}

std::string_view hashed_part(const HashSettings& hash, std::string_view uri) {
  if (hash.uri_length != 0) uri = uri.substr(0, hash.uri_length);
  if (!hash.uri_query) uri = uri.substr(0, uri.find('?'));
  if (hash.uri_depth == 0) return uri;
  std::uint32_t slashes = 0;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '/' && ++slashes > hash.uri_depth) return uri.substr(0, i);
  }
  return uri;
}

std::optional<std::string_view> find_parameter(std::string_view name, std::string_view target) {
  const std::size_t query = target.find('?');
  if (query == std::string_view::npos) return std::nullopt;
  std::string_view rest = target.substr(query + 1);
  for (;;) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    if (end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
}

std::optional<std::string_view> hashed_text(BalanceMethod method, const HashSettings& hash,
                                            const ClientFacts& client, http::RequestHead& head) {
  switch (method) {
    case BalanceMethod::kHashUri:
      return hashed_part(hash, uri_of(hash, client, head));
    case BalanceMethod::kHashParameter:
      return find_parameter(hash.parameter, head.target);
    case BalanceMethod::kHashHeader: {
      const auto value = find_field(hash.header, head);
      if (!value || hash.placement == backends::HashPlacement::kRendezvous) return value;
      const std::string_view first = trim_blanks(value->substr(0, value->find(',')));
      if (first.empty()) return std::nullopt;
      return hash.domain_only ? domain_in(first) : first;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::uint64_t> balance_key(BalanceMethod method, const HashSettings& hash,
                                         const ClientFacts& client, http::RequestHead& head,
                                         std::optional<std::string_view> evaluated) {
  const bool is_own = hash.placement == backends::HashPlacement::kRendezvous;
  std::uint32_t key = 0;
  if (method == BalanceMethod::kHashSource) {
    if (is_own) return backends::hash_bytes(client.address);
    key = backends::haproxy_address_hash(client.source->host_bytes());
  } else {
    const auto text =
        method == BalanceMethod::kHashExpression ? evaluated : hashed_text(method, hash, client, head);
    if (is_own) {
      // Without it, by source rather than all of them to one server.
      return backends::hash_bytes(text.value_or(client.address));
    }
    if (!text) return std::nullopt;
    key = backends::haproxy_hash(hash.function, *text);
  }
  return hash.avalanche ? backends::avalanche(key) : key;
}

}  // namespace reseal::proxy
