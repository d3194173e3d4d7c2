#include "tls/client_hello.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "lb/base/text.h"

namespace reseal::tls {
namespace {

using Status = ClientHelloParse::Status;

constexpr std::size_t kRecordHeaderBytes = 5;
constexpr std::size_t kMaxFragmentBytes = 1 << 14;  // RFC 8446 5.1
constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kClientHelloMessage = 1;
constexpr std::size_t kMessageHeaderBytes = 4;
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kMaxSessionIdBytes = 32;
constexpr std::size_t kServerNameExtension = 0;
constexpr std::size_t kGroupsExtension = 10;
constexpr std::size_t kSignaturesExtension = 13;
constexpr std::size_t kAlpnExtension = 16;
constexpr std::size_t kTicketExtension = 35;
constexpr std::size_t kSupportedVersionsExtension = 43;
constexpr std::size_t kKeyShareExtension = 51;
constexpr std::uint8_t kHostNameType = 0;
constexpr std::size_t kMaxNameBytes = 253;
constexpr std::size_t kMaxLabelBytes = 63;

ClientHelloParse refuse(Status status, const char* detail) {
  return {.status = status, .hello = {}, .detail = detail};
}
ClientHelloParse malformed(const char* detail) {
  return refuse(Status::kMalformed, detail);
}

/// Takes numbers and vectors (RFC 8446 3.4) off the front of bytes that are all there; nullopt when they do not fit.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  std::optional<std::string_view> bytes(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// Big-endian, of 1 to 3 bytes.
  std::optional<std::size_t> number(std::size_t width) {
    const auto taken = bytes(width);
    if (!taken) return std::nullopt;
    std::size_t value = 0;
    for (const char c : *taken) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  /// A vector whose length is a number of `width` bytes and lies in [least, most].
  std::optional<std::string_view> vector(std::size_t width, std::size_t least, std::size_t most = 0xffff) {
    const auto length = number(width);
    if (!length || *length < least || *length > most) return std::nullopt;
    return bytes(*length);
  }

 private:
  std::string_view rest_;
};

/// The handshake message at the front, out of its records: its pieces are joined only when all are there.
class RecordWalk {
 public:
  explicit RecordWalk(std::string_view bytes) : bytes_(bytes) {}

  /// kComplete when the message is whole; otherwise what is to be answered.
  ClientHelloParse walk() {
    for (std::size_t at = 0; at < bytes_.size();) {
      const std::string_view header = bytes_.substr(at, kRecordHeaderBytes);
      if (const char* wrong = check_header(header)) {
        return refuse(at == 0 ? Status::kNotTls : Status::kMalformed, wrong);
      }
      if (header.size() < kRecordHeaderBytes) break;
      const std::size_t length = *Reader(header.substr(3)).number(2);
      if (length == 0 || length > kMaxFragmentBytes)
        return malformed("TLS: a record of no or too many bytes");
      const std::string_view fragment = bytes_.substr(at + kRecordHeaderBytes, length);
      at += kRecordHeaderBytes;
      if (const char* wrong = add(fragment)) return malformed(wrong);
      at += fragment.size();
      const bool whole = expected_ != 0 && seen_ == expected_;
      // Come or not, the rest of this record would be a message that no client may send here.
      if (whole && fragment.size() < length)
        return malformed("TLS: bytes behind the ClientHello in its record");
      const bool another_record = !whole && fragment.size() == length;
      if (is_too_long(at + (another_record ? kRecordHeaderBytes : 0))) {
        return malformed("TLS: a ClientHello over 16 KiB");
      }
      if (whole) return {.status = Status::kComplete, .hello = {}, .detail = ""};
      if (!another_record) break;
    }
    return {};
  }

  /// After kComplete: the message without its header.
  [[nodiscard]] std::string body() const {
    std::string message;
    message.reserve(expected_);
    for (std::size_t at = 0; message.size() < expected_;) {
      const std::size_t length = *Reader(bytes_.substr(at + 3, 2)).number(2);
      message.append(bytes_.substr(at + kRecordHeaderBytes, length));
      at += kRecordHeaderBytes + length;
    }
    return message.erase(0, kMessageHeaderBytes);
  }

 private:
  /// Of as much of a record's header as there is; what is wrong, or null.
  static const char* check_header(std::string_view header) {
    if (static_cast<std::uint8_t>(header[0]) != kHandshakeRecord) return "TLS: no handshake record";
    if (header.size() > 1 && header[1] != 3) return "TLS: a record of an unknown version";
    return nullptr;
  }

  /// Counts a fragment, the last of which may be incomplete; what is wrong, or null.
  const char* add(std::string_view fragment) {
    for (const char c : fragment.substr(0, kMessageHeaderBytes - std::min(seen_, kMessageHeaderBytes))) {
      message_header_[seen_head_++] = c;
    }
    seen_ += fragment.size();
    if (seen_head_ > 0 && static_cast<std::uint8_t>(message_header_[0]) != kClientHelloMessage) {
      return "TLS: the first message is no ClientHello";
    }
    if (seen_head_ == kMessageHeaderBytes && expected_ == 0) {
      expected_ = kMessageHeaderBytes + *Reader({message_header_ + 1, 3}).number(3);
    }
    if (expected_ != 0 && seen_ > expected_) return "TLS: bytes behind the ClientHello in its record";
    return nullptr;
  }

  /// Whether what is missing behind the first `bytes` cannot be there within the limit.
  [[nodiscard]] bool is_too_long(std::size_t bytes) const {
    return bytes + (expected_ > seen_ ? expected_ - seen_ : 0) > kMaxClientHelloBytes;
  }

  std::string_view bytes_;
  char message_header_[kMessageHeaderBytes]{};
  std::size_t seen_head_ = 0;
  std::size_t seen_ = 0;      // bytes of the message, its header included
  std::size_t expected_ = 0;  // the same when all have come; 0: not known yet
};

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      continue;
    }
    const char lower = ascii_lower(c);
    if (!(lower >= 'a' && lower <= 'z') && !is_digit(c) && c != '-' && c != '_') return false;
    if (++label > kMaxLabelBytes) return false;
  }
  return label != 0;
}

const char* read_server_name(std::string_view extension, ClientHello& hello) {
  Reader reader(extension);
  const auto list = reader.vector(2, 1);
  if (!list || !reader.at_end()) return "TLS: a server name list that does not fit its extension";
  Reader entries(*list);
  const auto type = entries.number(1);
  auto name = entries.vector(2, 1);
  // One name of one type (RFC 6066 3); no other type was ever defined.
  if (!type || *type != kHostNameType || !name || !entries.at_end())
    return "TLS: not exactly one server name";
  if (name->ends_with('.')) name->remove_suffix(1);
  if (!is_host_name(*name)) return "TLS: a server name that is no host name";
  hello.server_name = lowered(*name);
  hello.sent_name = *name;
  return nullptr;
}

const char* read_alpn(std::string_view extension, ClientHello& hello) {
  Reader reader(extension);
  const auto list = reader.vector(2, 2);
  if (!list || !reader.at_end()) return "TLS: an ALPN list that does not fit its extension";
  for (Reader names(*list); !names.at_end();) {
    if (!names.vector(1, 1)) return "TLS: an ALPN protocol that is empty or does not fit its list";
  }
  hello.alpn = *list;
  return nullptr;
}

const char* read_versions(std::string_view extension, ClientHello& hello) {
  Reader reader(extension);
  const auto list = reader.vector(1, 2, 254);
  if (!list || !reader.at_end() || list->size() % 2 != 0) return "TLS: a list of versions that does not fit";
  std::uint16_t highest = 0;
  for (Reader versions(*list); !versions.at_end();) {
    const auto version = static_cast<std::uint16_t>(*versions.number(2));
    // Others are reserved (RFC 8701) or drafts.
    if (version >> 8 == 3) highest = std::max(highest, version);
  }
  if (highest == 0) return "TLS: no known version in the list of versions";
  hello.version = highest;
  return nullptr;
}

/// A list of two bytes each; one that does not fit is left out, since nothing is decided by it but by rules.
void read_pairs(std::string_view extension, std::string& into) {
  Reader reader(extension);
  const auto list = reader.vector(2, 2);
  if (list && reader.at_end() && list->size() % 2 == 0) into = *list;
}

void read_key_shares(std::string_view extension, ClientHello& hello) {
  Reader reader(extension);
  const auto list = reader.vector(2, 0);
  if (!list || !reader.at_end()) return;
  for (Reader shares(*list); !shares.at_end();) {
    const auto group = shares.bytes(2);
    if (!group || !shares.vector(2, 1)) return;
    hello.key_shares += *group;
  }
}

/// Those that only rules look at.
void read_facts(std::size_t type, std::string_view extension, ClientHello& hello) {
  if (type == kGroupsExtension) {
    hello.names_groups = true;
    read_pairs(extension, hello.groups);
  } else if (type == kSignaturesExtension) {
    read_pairs(extension, hello.signatures);
  } else if (type == kKeyShareExtension) {
    read_key_shares(extension, hello);
  } else if (type == kTicketExtension) {
    hello.ticket = extension.empty() ? ClientHello::Ticket::kNone : ClientHello::Ticket::kSent;
  }
}

const char* read_extensions(std::string_view list, ClientHello& hello) {
  std::bitset<0x10000> seen;
  for (Reader reader(list); !reader.at_end();) {
    const auto type = reader.number(2);
    const auto extension = reader.vector(2, 0);
    if (!type || !extension) return "TLS: an extension that does not fit its list";
    if (seen.test(*type)) return "TLS: an extension stands twice";
    seen.set(*type);
    const char* wrong = nullptr;
    if (*type == kServerNameExtension) wrong = read_server_name(*extension, hello);
    if (*type == kAlpnExtension) wrong = read_alpn(*extension, hello);
    if (*type == kSupportedVersionsExtension) wrong = read_versions(*extension, hello);
    if (wrong != nullptr) return wrong;
    read_facts(*type, *extension, hello);
  }
  return nullptr;
}

/// `body` is the whole message; what is wrong, or null.
const char* read_body(std::string_view body, ClientHello& hello) {
  Reader reader(body);
  const auto version = reader.number(2);
  if (!version || *version >> 8 != 3) return "TLS: a ClientHello of an unknown version";
  hello.version = hello.legacy_version = static_cast<std::uint16_t>(*version);
  const bool begins = reader.bytes(kRandomBytes) && reader.vector(1, 0, kMaxSessionIdBytes);
  if (!begins) return "TLS: a ClientHello whose session id does not fit";
  const auto ciphers = reader.vector(2, 2);
  if (!ciphers || ciphers->size() % 2 != 0) return "TLS: a list of ciphers that does not fit";
  hello.ciphers = *ciphers;
  if (!reader.vector(1, 1, 0xff)) return "TLS: a list of compression methods that does not fit";
  if (reader.at_end()) return nullptr;  // TLS 1.2 and older may have no extensions
  const auto extensions = reader.vector(2, 0);
  if (!extensions || !reader.at_end()) return "TLS: a list of extensions that does not fit the ClientHello";
  return read_extensions(*extensions, hello);
}

}  // namespace

ClientHelloParse parse_client_hello(std::string_view bytes) {
  RecordWalk records(bytes);
  ClientHelloParse result = records.walk();
  if (result.status != Status::kComplete) return result;
  if (const char* wrong = read_body(records.body(), result.hello)) return malformed(wrong);
  return result;
}

}  // namespace reseal::tls
