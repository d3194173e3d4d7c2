// Fetches of the connection to the server: where it leads and which protocols it speaks.
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/server_link.h"

namespace reseal::rules::expression {
namespace {

using Facts = ServerLinkFacts;

std::optional<Facts> facts_of(const Call& call) {
  return call.context.server_link != nullptr ? call.context.server_link->facts() : std::nullopt;
}
std::optional<Facts::Tls> tls_of(const Call& call) {
  const auto facts = facts_of(call);
  return facts ? facts->tls : std::nullopt;
}

template <const net::Address* Facts::* kEnd>
bool fetch_address(const Call& call, Sample& out) {
  const auto facts = facts_of(call);
  const auto sample = facts ? Sample::address(*((*facts).*kEnd)) : std::nullopt;
  if (sample) out = *sample;
  return sample.has_value();
}
template <const net::Address* Facts::* kEnd>
bool fetch_port(const Call& call, Sample& out) {
  const auto facts = facts_of(call);
  if (!facts || ((*facts).*kEnd)->host_bytes().empty()) return false;
  out = Sample::number(((*facts).*kEnd)->port());
  return true;
}
bool fetch_http_major(const Call& call, Sample& out) {
  const auto facts = facts_of(call);
  if (!facts || facts->http_major == 0) return false;
  out = Sample::number(facts->http_major);
  return true;
}
/// A connection that is there has not failed.
bool fetch_error(const Call& call, Sample& out) {
  out = Sample::number(0);
  return facts_of(call).has_value();
}
bool fetch_error_text(const Call& call, Sample& out) {
  out = Sample::string("Success");
  return facts_of(call).has_value();
}

bool fetch_is_tls(const Call& call, Sample& out) {
  out = Sample::boolean(tls_of(call).has_value());
  return true;
}
bool fetch_is_resumed(const Call& call, Sample& out) {
  const auto tls = tls_of(call);
  out = Sample::boolean(tls && tls->is_resumed);
  return true;
}
template <std::string_view Facts::Tls::* kMember>
bool fetch_text(const Call& call, Sample& out) {
  const auto tls = tls_of(call);
  if (!tls || ((*tls).*kMember).empty()) return false;
  out = Sample::string((*tls).*kMember);
  return true;
}
bool fetch_key_bits(const Call& call, Sample& out) {
  const auto tls = tls_of(call);
  if (!tls || tls->key_bits == 0) return false;
  out = Sample::number(tls->key_bits);
  return true;
}
bool fetch_tls_error(const Call& call, Sample& out) {
  out = Sample::number(0);
  return tls_of(call).has_value();
}
/// There is text of an error only.
bool fetch_tls_error_text(const Call&, Sample&) {
  return false;
}

constexpr FetchRow kRows[] = {
    {"bc_dst", "", Type::kAddress, kNeedsServer, fetch_address<&Facts::peer>},
    {"bc_dst_port", "", Type::kInteger, kNeedsServer, fetch_port<&Facts::peer>},
    {"bc_err", "", Type::kInteger, kNeedsServer, fetch_error},
    {"bc_err_str", "", Type::kString, kNeedsServer, fetch_error_text},
    {"bc_http_major", "", Type::kInteger, kNeedsServer, fetch_http_major},
    {"bc_src", "", Type::kAddress, kNeedsServer, fetch_address<&Facts::local>},
    {"bc_src_port", "", Type::kInteger, kNeedsServer, fetch_port<&Facts::local>},
    {"ssl_bc", "", Type::kBool, kNeedsServer, fetch_is_tls},
    {"ssl_bc_alg_keysize", "", Type::kInteger, kNeedsServer, fetch_key_bits},
    {"ssl_bc_alpn", "", Type::kString, kNeedsServer, fetch_text<&Facts::Tls::alpn>},
    {"ssl_bc_cipher", "", Type::kString, kNeedsServer, fetch_text<&Facts::Tls::cipher>},
    {"ssl_bc_err", "", Type::kInteger, kNeedsServer, fetch_tls_error},
    {"ssl_bc_err_str", "", Type::kString, kNeedsServer, fetch_tls_error_text},
    {"ssl_bc_is_resumed", "", Type::kBool, kNeedsServer, fetch_is_resumed},
    {"ssl_bc_protocol", "", Type::kString, kNeedsServer, fetch_text<&Facts::Tls::version>},
    {"ssl_bc_use_keysize", "", Type::kInteger, kNeedsServer, fetch_key_bits},
};

}  // namespace

std::span<const FetchRow> server_link_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
