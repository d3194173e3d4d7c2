// Finding things in a head, sixteen bytes at a time where the CPU can (SSE2 is in every x86-64), one by one
// elsewhere. Header-only, pure. Never reads at or beyond `end`.
#pragma once

#include <bit>
#include <cstring>

#include "lb/http/characters.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace reseal::http {

/// The first character that must not be inside a field value (a control character other than HTAB), or `end`.
inline const char* skip_field_chars(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i largest_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    __m128i bytes;
    std::memcpy(&bytes, at, sizeof(bytes));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, largest_control), bytes);
    const __m128i bad =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control), _mm_cmpeq_epi8(bytes, del));
    if (const int found = _mm_movemask_epi8(bad)) return at + std::countr_zero(static_cast<unsigned>(found));
  }
#endif
  while (at != end && is_char(*at, kFieldChar)) ++at;
  return at;
}

/// The first ':' or LF, so that no other line is looked at; `end` if that is a LF or there is none.
inline const char* find_colon(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i colon = _mm_set1_epi8(':');
  const __m128i feed = _mm_set1_epi8('\n');
  for (; end - at >= 16; at += 16) {
    __m128i bytes;
    std::memcpy(&bytes, at, sizeof(bytes));
    const __m128i either = _mm_or_si128(_mm_cmpeq_epi8(bytes, colon), _mm_cmpeq_epi8(bytes, feed));
    if (const int found = _mm_movemask_epi8(either)) {
      at += std::countr_zero(static_cast<unsigned>(found));
      return *at == ':' ? at : end;
    }
  }
#endif
  while (at != end && *at != ':' && *at != '\n') ++at;
  return at != end && *at == ':' ? at : end;
}

}  // namespace reseal::http
