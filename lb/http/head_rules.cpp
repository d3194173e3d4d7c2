#include "lb/http/head_rules.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::http {
namespace {

std::unexpected<Error> bad_request(const char* detail, Code code = Code::kBadRequest) {
  return fail(code, Origin::kClient, detail);
}

std::string_view without_default_port(std::string_view authority, std::string_view port) {
  return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

/// Labels of kHostChar, none of them empty; the dot of the root may follow.
bool is_host_name(std::string_view host) {
  return !host.empty() && all_chars(host, kHostChar) && host.front() != '.' &&
         host.find("..") == std::string_view::npos;
}

/// The address in text without brackets or zone.
std::optional<in6_addr> parse_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return std::nullopt;
  std::memcpy(terminated.data(), text.data(), text.size());
  in6_addr address;
  if (inet_pton(AF_INET6, terminated.data(), &address) != 1) return std::nullopt;
  return address;
}

}  // namespace

bool is_valid_method(std::string_view text) {
  return !text.empty() && text.size() <= kLongestMethod && all_chars(text, kTokenChar);
}

Method method_of(std::string_view text) {
  switch (text.size()) {
    case 3:
      if (text == "GET") return Method::kGet;
      if (text == "PUT") return Method::kPut;
      break;
    case 4:
      if (text == "POST") return Method::kPost;
      if (text == "HEAD") return Method::kHead;
      break;
    case 5:
      if (text == "PATCH") return Method::kPatch;
      if (text == "TRACE") return Method::kTrace;
      break;
    case 6:
      if (text == "DELETE") return Method::kDelete;
      break;
    case 7:
      if (text == "OPTIONS") return Method::kOptions;
      if (text == "CONNECT") return Method::kConnect;
      break;
    default:
      break;
  }
  return Method::kOther;
}

bool is_valid_authority(std::string_view authority) {
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos || !parse_ipv6(authority.substr(1, end - 1))) return false;
    port = authority.substr(end + 1);
    if (port.empty()) return true;
    if (port.front() != ':') return false;
    port.remove_prefix(1);
  } else {
    const std::size_t colon = authority.find(':');
    if (!is_host_name(authority.substr(0, colon))) return false;
    if (colon == std::string_view::npos) return true;
    port = authority.substr(colon + 1);
  }
  const auto number = parse_decimal(port);
  return number && *number <= 65535;
}

bool is_valid_host(std::string_view host) {
  return is_valid_authority(host) && host_of(host) == host;
}

std::string_view compared_host(std::string_view authority, Arena& arena) {
  std::string_view host = host_of(authority);
  if (!host.starts_with('[')) {
    if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
    return host;
  }
  const auto address = parse_ipv6(host.substr(1, host.size() - 2));
  if (!address) return host;
  std::array<char, INET6_ADDRSTRLEN + 2> text{'['};
  inet_ntop(AF_INET6, &*address, text.data() + 1, INET6_ADDRSTRLEN);
  const std::size_t size = std::strlen(text.data());
  text[size] = ']';
  return arena.copy({text.data(), size + 1});
}

bool is_same_authority(std::string_view a, std::string_view b, std::string_view default_port) {
  return equals_ignoring_case(without_default_port(a, default_port), without_default_port(b, default_port));
}

Result<void> check_connect_target(RequestHead& head) {
  const bool has_port = head.target.find_last_of(":]") != std::string_view::npos &&
                        head.target[head.target.find_last_of(":]")] == ':';
  if (!has_port || !is_valid_authority(head.target)) return bad_request("an invalid target of CONNECT");
  if (!head.authority.empty() && !equals_ignoring_case(head.authority, head.target)) {
    return bad_request("the target and Host name different hosts", Code::kAmbiguousRequest);
  }
  head.authority = head.target;
  return {};
}

Result<void> check_expectation(RequestHead& head) {
  bool seen = false;
  for (Field& field : head.fields) {
    if (field.id != FieldName::kExpect) continue;
    if (std::exchange(seen, true) || !equals_ignoring_case(field.value, "100-continue")) {
      return bad_request("an expectation other than 100-continue", Code::kExpectationRefused);
    }
    // RFC 9110 10.1.1: to be ignored in HTTP/1.0. Its sender could not be told to continue.
    field.drop = head.version == Version::kHttp10;
    head.expect_continue = !field.drop;
  }
  return {};
}

void note_te(RequestHead& head) {
  for (const Field& field : head.fields) {
    if (field.id != FieldName::kTe) continue;
    for_each_element(field.value, [&](std::string_view coding) {
      head.accepts_trailers = head.accepts_trailers || equals_ignoring_case(coding, "trailers");
    });
  }
}

}  // namespace reseal::http
