// Fetches of the client's TLS connection and certificate.
#include <cstring>

#include "lb/base/text.h"
#include "lb/rules/expression/fetch.h"

namespace reseal::rules::expression {
namespace {

using Certificate = TlsFacts::Certificate;

bool fetch_is_tls(const Call& call, Sample& out) {
  out = Sample::boolean(call.context.tls != nullptr);
  return true;
}

template <std::string_view TlsFacts::* kMember>
bool fetch_text(const Call& call, Sample& out) {
  if (call.context.tls == nullptr || (call.context.tls->*kMember).empty()) return false;
  out = Sample::string(call.context.tls->*kMember);
  return true;
}
template <std::string_view TlsFacts::* kMember>
bool fetch_bytes(const Call& call, Sample& out) {
  if (!fetch_text<kMember>(call, out)) return false;
  out.type = Type::kBinary;
  return true;
}
template <bool TlsFacts::* kMember>
bool fetch_flag(const Call& call, Sample& out) {
  out = Sample::boolean(call.context.tls != nullptr && call.context.tls->*kMember);
  return call.context.tls != nullptr;
}

/// Without TLS, too.
bool fetch_is_resumed(const Call& call, Sample& out) {
  out = Sample::boolean(call.context.tls != nullptr && call.context.tls->is_resumed);
  return true;
}

bool fetch_key_bits(const Call& call, Sample& out) {
  if (call.context.tls == nullptr) return false;
  out = Sample::number(call.context.tls->key_bits);
  return true;
}
/// A connection that rules are asked about has not failed: there is no text of an error.
bool fetch_error(const Call& call, Sample& out) {
  out = Sample::number(0);
  return call.context.tls != nullptr;
}
bool fetch_error_text(const Call&, Sample&) {
  return false;
}
bool fetch_has_sni(const Call& call, Sample& out) {
  out = Sample::boolean(call.context.tls != nullptr && !call.context.tls->sni.empty());
  return call.context.tls != nullptr;
}

template <bool Certificate::* kMember>
bool fetch_certificate_flag(const Call& call, Sample& out) {
  out = Sample::boolean(call.context.tls != nullptr && call.context.tls->client.*kMember);
  return call.context.tls != nullptr;
}
bool fetch_verify_result(const Call& call, Sample& out) {
  if (call.context.tls == nullptr) return false;
  out = Sample::number(call.context.tls->client.verify_result);
  return true;
}

/// The client's certificate; null if it has none.
const Certificate* certificate(const Call& call) {
  const TlsFacts* tls = call.context.tls;
  return tls != nullptr && tls->client.in_session ? &tls->client : nullptr;
}

template <std::string_view Certificate::* kMember, Type kType>
bool fetch_certificate_text(const Call& call, Sample& out) {
  const Certificate* client = certificate(call);
  if (client == nullptr || (client->*kMember).empty()) return false;
  out = Sample::string(client->*kMember);
  out.type = kType;
  return true;
}
bool fetch_certificate_version(const Call& call, Sample& out) {
  const Certificate* client = certificate(call);
  if (client != nullptr) out = Sample::number(client->version);
  return client != nullptr;
}

/// "/C=SE/CN=client"
bool whole_name(std::span<const NameEntry> entries, Arena& arena, Sample& out) {
  std::size_t size = 0;
  for (const NameEntry& entry : entries) size += entry.name.size() + entry.value.size() + 2;
  if (size == 0 || size > Sample::kMostText) return false;
  char* text = arena.allocate(size);
  char* at = text;
  const auto add = [&at](std::string_view piece) { at = std::copy(piece.begin(), piece.end(), at); };
  for (const NameEntry& entry : entries) {
    add("/");
    add(entry.name);
    add("=");
    add(entry.value);
  }
  out = Sample::string({text, size});
  return true;
}

/// The value of the part that is asked for: the first one of its name, or the nth, counted from the end if negative.
bool part_of_name(std::span<const NameEntry> entries, const Call& call, Sample& out) {
  const std::int64_t wanted =
      call.argument(1).is_given && call.argument(1).integer != 0 ? call.argument(1).integer : 1;
  std::int64_t position = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const NameEntry& entry = entries[wanted > 0 ? i : entries.size() - 1 - i];
    if (!equals_ignoring_case(entry.name, call.argument(0).text)) continue;
    position += wanted > 0 ? 1 : -1;
    if (position != wanted) continue;
    out = Sample::string(entry.value);
    return true;
  }
  return false;
}

template <std::span<const NameEntry> Certificate::* kMember>
bool fetch_name(const Call& call, Sample& out) {
  const Certificate* client = certificate(call);
  if (client == nullptr) return false;
  if (call.argument(0).text.empty()) return whole_name(client->*kMember, call.arena, out);
  return part_of_name(client->*kMember, call, out);
}

constexpr FetchRow kRows[] = {
    {"ssl_c_der", "", Type::kBinary, kNeedsConnection,
     fetch_certificate_text<&Certificate::der, Type::kBinary>},
    {"ssl_c_i_dn", "?si", Type::kString, kNeedsConnection, fetch_name<&Certificate::issuer>},
    {"ssl_c_key_alg", "", Type::kString, kNeedsConnection,
     fetch_certificate_text<&Certificate::key_algorithm, Type::kString>},
    {"ssl_c_notafter", "", Type::kString, kNeedsConnection,
     fetch_certificate_text<&Certificate::not_after, Type::kString>},
    {"ssl_c_notbefore", "", Type::kString, kNeedsConnection,
     fetch_certificate_text<&Certificate::not_before, Type::kString>},
    {"ssl_c_s_dn", "?si", Type::kString, kNeedsConnection, fetch_name<&Certificate::subject>},
    {"ssl_c_serial", "", Type::kBinary, kNeedsConnection,
     fetch_certificate_text<&Certificate::serial, Type::kBinary>},
    {"ssl_c_sha1", "", Type::kBinary, kNeedsConnection,
     fetch_certificate_text<&Certificate::sha1, Type::kBinary>},
    {"ssl_c_sig_alg", "", Type::kString, kNeedsConnection,
     fetch_certificate_text<&Certificate::signature_algorithm, Type::kString>},
    {"ssl_c_used", "", Type::kBool, kNeedsConnection, fetch_certificate_flag<&Certificate::in_session>},
    {"ssl_c_verify", "", Type::kInteger, kNeedsConnection, fetch_verify_result},
    {"ssl_c_version", "", Type::kInteger, kNeedsConnection, fetch_certificate_version},
    {"ssl_fc", "", Type::kBool, kNeedsConnection, fetch_is_tls},
    {"ssl_fc_alg_keysize", "", Type::kInteger, kNeedsConnection, fetch_key_bits},
    {"ssl_fc_alpn", "", Type::kString, kNeedsConnection, fetch_text<&TlsFacts::alpn>},
    {"ssl_fc_cipher", "", Type::kString, kNeedsConnection, fetch_text<&TlsFacts::cipher>},
    {"ssl_fc_err", "", Type::kInteger, kNeedsConnection, fetch_error},
    {"ssl_fc_err_str", "", Type::kString, kNeedsConnection, fetch_error_text},
    {"ssl_fc_has_crt", "", Type::kBool, kNeedsConnection, fetch_certificate_flag<&Certificate::in_handshake>},
    {"ssl_fc_has_early", "", Type::kBool, kNeedsConnection, fetch_flag<&TlsFacts::has_early_data>},
    {"ssl_fc_has_sni", "", Type::kBool, kNeedsConnection, fetch_has_sni},
    {"ssl_fc_is_resumed", "", Type::kBool, kNeedsConnection, fetch_is_resumed},
    {"ssl_fc_protocol", "", Type::kString, kNeedsConnection, fetch_text<&TlsFacts::version>},
    {"ssl_fc_session_id", "", Type::kBinary, kNeedsConnection, fetch_bytes<&TlsFacts::session_id>},
    {"ssl_fc_sni", "", Type::kString, kNeedsConnection, fetch_text<&TlsFacts::sni>},
    {"ssl_fc_unique_id", "", Type::kBinary, kNeedsConnection, fetch_bytes<&TlsFacts::unique_id>},
    {"ssl_fc_use_keysize", "", Type::kInteger, kNeedsConnection, fetch_key_bits},
};

}  // namespace

std::span<const FetchRow> tls_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
