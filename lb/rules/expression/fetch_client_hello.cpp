// Fetches of a TLS connection that stays closed to us (mode tcp): what its ClientHello says.
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/inspection.h"

namespace reseal::rules::expression {
namespace {

using Ticket = tls::ClientHello::Ticket;

/// Where the first record ends, in which the whole message is but for rare clients.
std::size_t end_of_record(std::string_view bytes) {
  constexpr std::size_t kHeader = 5;
  if (bytes.size() < kHeader) return kHeader;
  return kHeader + (static_cast<unsigned char>(bytes[3]) << 8 | static_cast<unsigned char>(bytes[4]));
}

/// Null: there is none, at least not yet.
const tls::ClientHello* hello_of(const Call& call) {
  Inspection* inspection = call.context.inspection;
  if (inspection == nullptr) return call.context.hello;
  const tls::ClientHelloParse& parsed = inspection->hello();
  if (parsed.status == tls::ClientHelloParse::Status::kComplete) return &parsed.hello;
  // It may have been read before the rules were asked.
  if (call.context.hello == nullptr && parsed.status == tls::ClientHelloParse::Status::kNeedMore)
    inspection->lack(end_of_record(inspection->bytes()));
  return call.context.hello;
}

/// The number of the message: 1 is a ClientHello.
bool fetch_hello_type(const Call& call, Sample& out) {
  out = Sample::number(1);
  return hello_of(call) != nullptr;
}
template <std::string tls::ClientHello::* kMember, Type kType>
bool fetch_text(const Call& call, Sample& out) {
  const tls::ClientHello* hello = hello_of(call);
  if (hello == nullptr || (hello->*kMember).empty()) return false;
  out = Sample::string(hello->*kMember);
  out.type = kType;
  return true;
}

/// One protocol after the other.
bool fetch_alpn(const Call& call, Sample& out) {
  const tls::ClientHello* hello = hello_of(call);
  if (hello == nullptr) return false;
  const std::string_view list = hello->alpn;
  const std::size_t at = call.cursor == nullptr ? 0 : call.cursor->offset;
  if (at >= list.size()) return false;
  const auto length = static_cast<unsigned char>(list[at]);
  out = Sample::string(list.substr(at + 1, length));
  if (call.cursor != nullptr) {
    call.cursor->offset = static_cast<std::uint32_t>(at + 1 + length);
    call.cursor->more = call.cursor->offset < list.size();
  }
  return true;
}

/// As HAProxy has it: the first number of the version is in the upper 16 bits.
bool fetch_version(const Call& call, Sample& out) {
  const tls::ClientHello* hello = hello_of(call);
  if (hello == nullptr) return false;
  out = Sample::number((hello->legacy_version >> 8 << 16) + (hello->legacy_version & 0xff));
  return true;
}
/// 0: the client knows no tickets; 1: it has none; 2: it sends one.
bool fetch_ticket(const Call& call, Sample& out) {
  const tls::ClientHello* hello = hello_of(call);
  if (hello == nullptr) return false;
  out = Sample::number(hello->ticket == Ticket::kSent ? 2 : hello->ticket == Ticket::kNone ? 1 : 0);
  return true;
}
/// Never false: as HAProxy, it is true or not there.
bool fetch_names_groups(const Call& call, Sample& out) {
  const tls::ClientHello* hello = hello_of(call);
  out = Sample::boolean(true);
  return hello != nullptr && hello->names_groups;
}

constexpr FetchRow row(std::string_view name, Type type, bool (*fetch)(const Call&, Sample&)) {
  return {name, "", type, kNeedsConnection, fetch};
}

constexpr FetchRow kRows[] = {
    row("req.ssl_alpn", Type::kString, fetch_alpn),
    row("req.ssl_cipherlist", Type::kBinary, fetch_text<&tls::ClientHello::ciphers, Type::kBinary>),
    row("req.ssl_ec_ext", Type::kBool, fetch_names_groups),
    row("req.ssl_hello_type", Type::kInteger, fetch_hello_type),
    row("req.ssl_keyshare_groups", Type::kBinary, fetch_text<&tls::ClientHello::key_shares, Type::kBinary>),
    row("req.ssl_sigalgs", Type::kBinary, fetch_text<&tls::ClientHello::signatures, Type::kBinary>),
    row("req.ssl_sni", Type::kString, fetch_text<&tls::ClientHello::sent_name, Type::kString>),
    row("req.ssl_st_ext", Type::kInteger, fetch_ticket),
    row("req.ssl_supported_groups", Type::kBinary, fetch_text<&tls::ClientHello::groups, Type::kBinary>),
    row("req.ssl_ver", Type::kInteger, fetch_version),
    row("req_ssl_hello_type", Type::kInteger, fetch_hello_type),
    row("req_ssl_sni", Type::kString, fetch_text<&tls::ClientHello::sent_name, Type::kString>),
    row("req_ssl_ver", Type::kInteger, fetch_version),
};

}  // namespace

std::span<const FetchRow> client_hello_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
