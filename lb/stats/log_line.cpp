#include "lb/stats/log_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace reseal::stats {
namespace {

constexpr std::string_view kCutMark = "...";
constexpr char kLowerHex[] = "0123456789abcdef";
constexpr char kUpperHex[] = "0123456789ABCDEF";

using Set = std::array<bool, 256>;

/// Printable ASCII without those characters.
constexpr Set printable_but(std::string_view without) {
  Set set{};
  for (std::size_t byte = 0x20; byte < 0x7f; ++byte) set[byte] = true;
  for (const char c : without) set[static_cast<unsigned char>(c)] = false;
  return set;
}
constexpr Set kPlain = printable_but("\"\\");
constexpr Set kPlainForHaproxy = printable_but("\"#");
constexpr Set kPlainInCaptures = printable_but("\"#{|}");
/// What stays when only what would break out of the line is escaped.
constexpr Set kNoControls = [] {
  Set set{};
  for (std::size_t byte = 0x20; byte < set.size(); ++byte) set[byte] = byte != 0x7f;
  return set;
}();

constexpr std::uint64_t repeated(std::uint64_t byte) {
  return byte * 0x0101010101010101;
}
/// Not 0 if one of the eight bytes is 0 (whether it is the lowest such bit matters to nobody here).
constexpr std::uint64_t zero_byte(std::uint64_t word) {
  return (word - repeated(0x01)) & ~word & repeated(0x80);
}

/// Whether none of eight bytes needs an escape anywhere: printable ASCII but for '"', '\\' and '#'.
bool is_plain_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  const std::uint64_t below_blank = (word - repeated(0x20)) & ~word & repeated(0x80);
  const std::uint64_t above_tilde = (word | (word + repeated(0x01))) & repeated(0x80);
  return (below_blank | above_tilde | zero_byte(word ^ repeated('"')) | zero_byte(word ^ repeated('\\')) |
          zero_byte(word ^ repeated('#'))) == 0;
}

std::size_t plain_length(std::string_view text, const Set& plain) {
  std::size_t length = 0;
  while (length + 8 <= text.size() && is_plain_word(text.data() + length)) length += 8;
  while (length < text.size() && plain[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

/// The escape sequence of `c`, in `into`; its length.
std::size_t escape(char c, std::array<char, 6>& into) {
  if (c == '"' || c == '\\') {
    into = {'\\', c};
    return 2;
  }
  const auto byte = static_cast<unsigned char>(c);
  into = {'\\', 'u', '0', '0', kLowerHex[byte >> 4], kLowerHex[byte & 15]};
  return 6;
}

}  // namespace

void LogLine::raw(std::string_view text) {
  at_ += text.copy(at_, room());
}

void LogLine::number(std::uint64_t value) {
  const auto [end, error] = std::to_chars(at_, end_, value);
  if (error == std::errc()) at_ = end;
}

void LogLine::whole_milliseconds(Microseconds time) {
  if (time < Microseconds::zero()) {
    raw("-1");
  } else {
    number(static_cast<std::uint64_t>(time.count() / 1000));
  }
}

void LogLine::milliseconds(Microseconds time) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
  number(value / 1000);
  put('.');
  put(static_cast<char>('0' + value / 100 % 10));
  put(static_cast<char>('0' + value / 10 % 10));
  put(static_cast<char>('0' + value % 10));
}

void LogLine::escaped(std::string_view text, std::size_t most) {
  most = std::min(most, room());
  const std::size_t length = plain_length(text, kPlain);
  if (length == text.size() && length <= most) {
    raw(text);
    return;
  }
  // Where a cut would have to be made for the mark to find room.
  const std::size_t limit = most - std::min(most, kCutMark.size());
  char* const start = at_;
  char* cut = at_;
  std::array<char, 6> sequence{};
  for (const char c : text) {
    std::size_t size = 1;
    if (kPlain[static_cast<unsigned char>(c)]) {
      sequence[0] = c;
    } else {
      size = escape(c, sequence);
    }
    const auto used = static_cast<std::size_t>(at_ - start);
    if (used + size > most) {
      at_ = cut;
      raw(kCutMark.substr(0, most));
      return;
    }
    std::memcpy(at_, sequence.data(), size);
    at_ += size;
    if (used + size <= limit) cut = at_;
  }
}

void LogLine::hash_escaped(std::string_view text, Hashed hashed, bool backslashes) {
  const Set& plain = hashed == Hashed::kControls ? kNoControls
                     : hashed == Hashed::kUri    ? kPlainForHaproxy
                                                 : kPlainInCaptures;
  while (!text.empty()) {
    const std::size_t run = backslashes || hashed == Hashed::kHeader ? 0 : plain_length(text, plain);
    raw(text.substr(0, run));
    if (run == text.size() || room() < 3) return;
    const char c = text[run];
    text.remove_prefix(run + 1);
    const auto byte = static_cast<unsigned char>(c);
    if (plain[byte]) {
      if (backslashes && (c == '"' || c == '\\' || c == ']')) put('\\');
      put(c);
    } else {
      put('#');
      put(kUpperHex[byte >> 4]);
      put(kUpperHex[byte & 15]);
    }
  }
}

void LogLine::hexadecimal(std::uint64_t value, int digits) {
  constexpr int kBits = 4;
  int shift = 0;
  while (shift / kBits + 1 < digits || (value >> shift) > 15) shift += kBits;
  for (; shift >= 0; shift -= kBits) put(kUpperHex[(value >> shift) & 15]);
}

}  // namespace reseal::stats
