// Finding things in a head, sixteen bytes at a time where the CPU can (SSE2 is in every x86-64), one by one
// elsewhere. Header-only, pure. Never reads before the beginning or at and beyond the end of what it is given.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "lb/http/characters.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace reseal::http {

#ifdef __SSE2__
/// Sixteen bytes: those that are of a class are 0xff in the answers, the others 0.
namespace block {

constexpr std::ptrdiff_t kSize = 16;

inline __m128i load(const char* at) {
  __m128i bytes;
  std::memcpy(&bytes, at, sizeof(bytes));
  return bytes;
}
/// Eight bytes from each of two places.
inline __m128i load_halves(const char* low, const char* high) {
  long long halves[2];
  std::memcpy(&halves[0], low, sizeof(halves[0]));
  std::memcpy(&halves[1], high, sizeof(halves[1]));
  return _mm_set_epi64x(halves[1], halves[0]);
}
inline unsigned bits(__m128i answer) {
  return static_cast<unsigned>(_mm_movemask_epi8(answer));
}
inline __m128i equal(__m128i bytes, char c) {
  return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}
inline __m128i in_range(__m128i bytes, char first, char last) {
  const __m128i above_first = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
  const __m128i room = _mm_set1_epi8(static_cast<char>(last - first));
  return _mm_cmpeq_epi8(_mm_min_epu8(above_first, room), above_first);
}
/// What is not kFieldChar: control characters but HTAB.
inline __m128i forbidden(__m128i bytes) {
  const __m128i control = _mm_andnot_si128(equal(bytes, '\t'), in_range(bytes, '\0', '\x1f'));
  return _mm_or_si128(control, equal(bytes, '\x7f'));
}
/// kPlainNameChar.
inline __m128i plain(__m128i bytes) {
  const __m128i letter = in_range(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
  return _mm_or_si128(_mm_or_si128(letter, in_range(bytes, '0', '9')), equal(bytes, '-'));
}
/// kTargetChar.
inline __m128i target(__m128i bytes) {
  return _mm_andnot_si128(equal(bytes, '#'), in_range(bytes, '\x21', '\x7e'));
}

}  // namespace block
#endif

/// The first character from `at` on that must not be inside a field value (a control character other than HTAB), or
/// `end`. What lies between `begin` and `at` is fine, and may be read once more.
inline const char* skip_field_chars(const char* begin, const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= block::kSize; at += block::kSize) {
    if (const unsigned found = block::bits(block::forbidden(block::load(at))))
      return at + std::countr_zero(found);
  }
  if (end - begin >= block::kSize) {
    // What is left, together with some that was looked at before.
    const char* const last = end - block::kSize;
    const unsigned found = block::bits(block::forbidden(block::load(last)));
    return found != 0 ? last + std::countr_zero(found) : end;
  }
#endif
  while (at != end && is_char(*at, kFieldChar)) ++at;
  return at;
}

struct FieldLine {
  const char* colon;  ///< the first one; null if there is none before `stop`
  const char* stop;   ///< the first character that must be in no field line: its end, if it is well made
};

/// A field line from its first character on.
inline FieldLine scan_field_line(const char* const begin, const char* const end) {
  const char* at = begin;
#ifdef __SSE2__
  for (; end - at >= block::kSize; at += block::kSize) {
    const __m128i bytes = block::load(at);
    const unsigned colons = block::bits(block::equal(bytes, ':'));
    const unsigned forbidden = block::bits(block::forbidden(bytes));
    if ((colons | forbidden) == 0) continue;
    const char* const stop =
        forbidden != 0 ? at + std::countr_zero(forbidden) : skip_field_chars(begin, at + block::kSize, end);
    const char* const colon = colons != 0 ? at + std::countr_zero(colons) : end;
    return {colon < stop ? colon : nullptr, stop};
  }
#endif
  while (at != end && *at != ':' && is_char(*at, kFieldChar)) ++at;
  if (at == end || *at != ':') return {nullptr, at};
  return {at, skip_field_chars(begin, at, end)};
}

#ifdef __SSE2__
/// Whether every character is of the class that both arguments name.
template <class OfBlock>
bool all_of(std::string_view text, CharClass wanted, OfBlock of_block) {
  constexpr std::size_t kHalf = block::kSize / 2;
  if (text.size() < kHalf) return all_chars(text, wanted);
  const char* const end = text.data() + text.size();
  if (text.size() <= block::kSize)
    return block::bits(of_block(block::load_halves(text.data(), end - kHalf))) == 0xffff;
  __m128i all = of_block(block::load(end - block::kSize));
  for (const char* at = text.data(); at < end - block::kSize; at += block::kSize)
    all = _mm_and_si128(all, of_block(block::load(at)));
  return block::bits(all) == 0xffff;
}
#endif

/// Every character is kPlainNameChar, as in nearly all names there are.
inline bool is_plain_name(std::string_view name) {
#ifdef __SSE2__
  return all_of(name, kPlainNameChar, [](__m128i bytes) { return block::plain(bytes); });
#else
  return all_chars(name, kPlainNameChar);
#endif
}

/// Every character is kTargetChar.
inline bool is_target_text(std::string_view text) {
#ifdef __SSE2__
  return all_of(text, kTargetChar, [](__m128i bytes) { return block::target(bytes); });
#else
  return all_chars(text, kTargetChar);
#endif
}

}  // namespace reseal::http
