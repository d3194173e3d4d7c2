#include "lb/http/known_names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

namespace reseal::http {
namespace {

struct KnownName {
  FieldName id;
  std::string_view lower;
};

constexpr KnownName kKnownNames[] = {
    {FieldName::kAccept, "accept"},
    {FieldName::kAcceptEncoding, "accept-encoding"},
    {FieldName::kAcceptLanguage, "accept-language"},
    {FieldName::kAge, "age"},
    {FieldName::kAuthorization, "authorization"},
    {FieldName::kCacheControl, "cache-control"},
    {FieldName::kConnection, "connection"},
    {FieldName::kContentEncoding, "content-encoding"},
    {FieldName::kContentLength, "content-length"},
    {FieldName::kContentType, "content-type"},
    {FieldName::kCookie, "cookie"},
    {FieldName::kDate, "date"},
    {FieldName::kEtag, "etag"},
    {FieldName::kExpect, "expect"},
    {FieldName::kForwarded, "forwarded"},
    {FieldName::kHost, "host"},
    {FieldName::kHttp2Settings, "http2-settings"},
    {FieldName::kIfModifiedSince, "if-modified-since"},
    {FieldName::kIfNoneMatch, "if-none-match"},
    {FieldName::kKeepAlive, "keep-alive"},
    {FieldName::kLastModified, "last-modified"},
    {FieldName::kLocation, "location"},
    {FieldName::kProxyAuthenticate, "proxy-authenticate"},
    {FieldName::kProxyAuthorization, "proxy-authorization"},
    {FieldName::kProxyConnection, "proxy-connection"},
    {FieldName::kRange, "range"},
    {FieldName::kReferer, "referer"},
    {FieldName::kServer, "server"},
    {FieldName::kSetCookie, "set-cookie"},
    {FieldName::kTe, "te"},
    {FieldName::kTrailer, "trailer"},
    {FieldName::kTransferEncoding, "transfer-encoding"},
    {FieldName::kUpgrade, "upgrade"},
    {FieldName::kUserAgent, "user-agent"},
    {FieldName::kVary, "vary"},
    {FieldName::kVia, "via"},
    {FieldName::kXForwardedFor, "x-forwarded-for"},
    {FieldName::kXForwardedHost, "x-forwarded-host"},
    {FieldName::kXForwardedPort, "x-forwarded-port"},
    {FieldName::kXForwardedProto, "x-forwarded-proto"},
    {FieldName::kXRealIp, "x-real-ip"},
};
static_assert(std::size(kKnownNames) + 1 == static_cast<std::size_t>(FieldName::kCount_));

constexpr bool in_order_of_ids() {
  for (std::size_t i = 0; i < std::size(kKnownNames); ++i) {
    if (static_cast<std::size_t>(kKnownNames[i].id) != i + 1) return false;
  }
  return true;
}
static_assert(in_order_of_ids());

using Words = std::array<std::uint64_t, kComparedBytes / 8>;

/// The first bytes of a text as words, in the order that memcpy would give on this machine.
constexpr Words words_of(std::string_view text) {
  std::array<char, kComparedBytes> bytes{};
  std::copy(text.begin(), text.end(), bytes.begin());
  return std::bit_cast<Words>(bytes);
}

/// What must agree: every bit, but for letters the one that tells their case, and nothing behind the name.
constexpr Words mask_of(std::string_view lower) {
  std::array<char, kComparedBytes> bytes{};
  std::transform(lower.begin(), lower.end(), bytes.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? '\xdf' : '\xff'; });
  return std::bit_cast<Words>(bytes);
}

constexpr std::size_t kSlots = 256;

/// Which slot a name belongs to, by its length and three characters that tell the known ones apart. Case does
/// not matter, since the bit that tells it is set.
constexpr std::size_t slot_of(const char* name, std::size_t length, std::uint32_t factor) {
  const auto at = [name](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(name[i])}; };
  const std::uint32_t key = (at(0) | at(length - 1) << 8 | at(length * 3 / 4) << 16) | 0x202020U;
  return ((key ^ static_cast<std::uint32_t>(length) << 24) * factor) >> 24;
}

struct alignas(64) Slot {
  Words text{};
  Words mask{};
  std::uint8_t length = 0;  // 0: nothing here
  FieldName id = FieldName::kOther;
};
using Slots = std::array<std::uint8_t, kSlots>;  // index + 1 into kKnownNames, 0 for none

/// Every name in a slot of its own, or nothing when two meet.
constexpr std::optional<Slots> fill_slots(std::uint32_t factor) {
  Slots slots{};
  for (std::size_t i = 0; i < std::size(kKnownNames); ++i) {
    const std::string_view lower = kKnownNames[i].lower;
    std::uint8_t& slot = slots[slot_of(lower.data(), lower.size(), factor)];
    if (slot != 0) return std::nullopt;
    slot = static_cast<std::uint8_t>(i + 1);
  }
  return slots;
}

constexpr std::uint32_t find_factor() {
  std::uint32_t factor = 0x9e3779b1U;  // odd; the first of this series that keeps all the names apart
  while (!fill_slots(factor)) factor = factor * 1664525U + 2U;
  return factor;
}
constexpr std::uint32_t kFactor = find_factor();

constexpr std::array<Slot, kSlots> make_table() {
  std::array<Slot, kSlots> table{};
  const Slots slots = *fill_slots(kFactor);
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slots[i] == 0) continue;
    const KnownName& known = kKnownNames[slots[i] - 1];
    table[i] = {words_of(known.lower), mask_of(known.lower), static_cast<std::uint8_t>(known.lower.size()),
                known.id};
  }
  return table;
}
constexpr std::array<Slot, kSlots> kTable = make_table();

}  // namespace

FieldName known_name(const char* name, std::size_t length) {
  const Slot& slot = kTable[slot_of(name, length, kFactor)];
  if (slot.length != length) return FieldName::kOther;
  std::uint64_t differences = 0;
  for (std::size_t i = 0; i < slot.text.size(); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, name + 8 * i, sizeof(word));
    differences |= (word ^ slot.text[i]) & slot.mask[i];
  }
  return differences == 0 ? slot.id : FieldName::kOther;
}

std::string_view known_text(FieldName id) {
  return id == FieldName::kOther ? std::string_view() : kKnownNames[static_cast<std::size_t>(id) - 1].lower;
}

FieldName field_name(std::string_view name) {
  if (name.empty() || name.size() > kComparedBytes) return FieldName::kOther;
  std::array<char, kComparedBytes> padded{};
  std::copy(name.begin(), name.end(), padded.begin());
  return known_name(padded.data(), name.size());
}

}  // namespace reseal::http
