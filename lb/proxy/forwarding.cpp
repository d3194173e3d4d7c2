#include "lb/proxy/forwarding.h"

#include <algorithm>
#include <cstring>

#include "lb/base/text.h"

namespace reseal::proxy {
namespace {

/// Appends to a piece of arena memory that is known to be large enough.
class Piece {
 public:
  Piece(Arena& arena, std::size_t most) : begin_(arena.allocate(most)), end_(begin_) {}
  Piece& operator<<(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
    return *this;
  }
  [[nodiscard]] std::string_view view() const { return {begin_, static_cast<std::size_t>(end_ - begin_)}; }

 private:
  char* begin_;
  char* end_;
};

void add_address_field(const backends::AddressField& frontend, const backends::AddressField& backend,
                       const net::Address& address, http::RequestHead& head) {
  const std::string& name = backend.name.empty() ? frontend.name : backend.name;
  if (address.family() == AF_UNIX) return;  // there is none
  if (name.empty() || frontend.except.contains(address) || backend.except.contains(address)) return;
  const bool always =
      (!frontend.name.empty() && !frontend.if_none) || (!backend.name.empty() && !backend.if_none);
  const bool is_there = std::ranges::any_of(head.fields, [&](const http::Field& field) {
    return !field.drop && equals_ignoring_case(field.name, name);
  });
  if (!always && is_there) return;
  char room[INET6_ADDRSTRLEN];
  head.add(http::field_name(name), name, head.arena.copy(address.host(room)));
}

}  // namespace

void add_address_fields(const backends::AddressFields& frontend, const backends::AddressFields& backend,
                        const ClientFacts& client, http::RequestHead& head) {
  if (!frontend.are_set() && !backend.are_set()) return;
  add_address_field(frontend.source, backend.source, *client.source, head);
  add_address_field(frontend.destination, backend.destination, *client.destination, head);
}

void add_forwarding_fields(const ClientFacts& client, http::RequestHead& head) {
  const std::string_view protocol = client.secure ? "https" : "http";
  const bool has_address = client.source == nullptr || client.source->family() != AF_UNIX;
  if (has_address) head.add(http::FieldName::kXForwardedFor, "X-Forwarded-For", client.address);
  if (head.find(http::FieldName::kXForwardedProto) == nullptr) {
    head.add(http::FieldName::kXForwardedProto, "X-Forwarded-Proto", protocol);
  }
  // An IPv6 address and a host with a port are not tokens, so they are quoted (RFC 7239 4 and 6). An
  // authority that passed the parser holds neither quotes nor backslashes.
  const bool v6 = client.address.find(':') != std::string_view::npos;
  constexpr std::size_t kFixedText = 48;
  Piece value(head.arena, kFixedText + client.address.size() + head.authority.size());
  value << "for=" << (v6 ? "\"[" : "") << (has_address ? client.address : "unknown") << (v6 ? "]\"" : "");
  if (!head.authority.empty()) value << ";host=\"" << head.authority << "\"";
  value << ";proto=" << protocol;
  head.add(http::FieldName::kForwarded, "Forwarded", value.view());
}

}  // namespace reseal::proxy
