#include "lb/http/scan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

namespace reseal::http {
namespace {

constexpr std::size_t kLengths[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 47, 48, 49, 64, 65};

/// Calls `check` with texts of every length above that hold one character of every kind at every place, each in memory of
/// exactly its size, so that the address sanitizer finds what is read beside it.
template <class Check>
void with_one_character(Check check) {
  for (const std::size_t length : kLengths) {
    for (std::size_t place = 0; place < std::max<std::size_t>(length, 1); ++place) {
      for (int c = 0; c < 256; ++c) {
        std::vector<char> text(length, 'a');
        if (length != 0) text[place] = static_cast<char>(c);
        check(std::string_view(text.data(), text.size()));
      }
    }
  }
}

/// The slow way.
const char* first_forbidden(std::string_view text) {
  return std::find_if_not(text.data(), text.data() + text.size(),
                          [](char c) { return is_char(c, kFieldChar); });
}

TEST_CASE("The end of a value is found wherever it is") {
  bool right = true;
  with_one_character([&](std::string_view text) {
    const char* const end = text.data() + text.size();
    for (const std::size_t from : {0, 1, 5, 16, 20}) {
      if (from > text.size()) continue;
      const char* const at = text.data() + from;
      const bool same = skip_field_chars(at, at, end) == first_forbidden(text.substr(from));
      right = right && same;
      if (std::all_of(text.data(), at, [](char c) { return is_char(c, kFieldChar); })) {
        right = right && skip_field_chars(text.data(), at, end) == first_forbidden(text.substr(from));
      }
    }
  });
  CHECK(right);
}

TEST_CASE("A field line's colon is the first one, and lies before its end") {
  bool right = true;
  const auto check = [&](std::string_view text) {
    const char* const end = text.data() + text.size();
    const FieldLine line = scan_field_line(text.data(), end);
    const char* const stop = first_forbidden(text);
    const char* const colon = std::find(text.data(), stop, ':');
    right = right && line.stop == stop && line.colon == (colon == stop ? nullptr : colon);
  };
  with_one_character(check);
  with_one_character([&](std::string_view text) {
    for (const std::size_t colon : {0, 3, 14, 15, 16, 17, 30, 40}) {
      if (colon >= text.size()) continue;
      std::vector<char> copy(text.begin(), text.end());
      copy[colon] = ':';
      check({copy.data(), copy.size()});
    }
  });
  CHECK(right);
}

TEST_CASE("Plain names and targets are told from all others") {
  bool right = true;
  with_one_character([&](std::string_view text) {
    const auto all = [text](CharClass wanted) {
      return std::all_of(text.begin(), text.end(), [wanted](char c) { return is_char(c, wanted); });
    };
    right = right && is_plain_name(text) == all(kPlainNameChar);
    right = right && is_target_text(text) == all(kTargetChar);
  });
  CHECK(right);
}

}  // namespace
}  // namespace reseal::http
