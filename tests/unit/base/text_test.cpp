#include "lb/base/text.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "lb/base/error.h"
#include "lb/base/log.h"

using namespace reseal;

TEST_CASE("decimal numbers are digits only and do not overflow") {
  CHECK(parse_decimal("0") == 0U);
  CHECK(parse_decimal("9999999999999999999") == 9999999999999999999U);
  CHECK(parse_decimal("18446744073709551615") == 18446744073709551615U);
  CHECK(parse_decimal("0000000000000000000000000000012") == 12U);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616", "1_0", "\t1",
                          "1/", "1:", "1\xb5", "99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(parse_decimal(bad));
  }
}

TEST_CASE("hexadecimal numbers have no prefix and do not overflow") {
  CHECK(parse_hex("ff") == 255U);
  CHECK(parse_hex("FFFFFFFFFFFFFFFF") == ~std::uint64_t{0});
  for (const char* bad : {"", "0x1", "g", "-f", "10000000000000000"}) CHECK_FALSE(parse_hex(bad));
}

TEST_CASE("blanks are SP and HTAB only") {
  CHECK(trim_blanks(" \ta b\t ") == "a b");
  CHECK(trim_blanks("\v a") == "\v a");
  CHECK(trim_blanks("  ").empty());
}

TEST_CASE("lower case changes ASCII letters only") {
  CHECK(lowered("Web-1.EXAMPLE.org[@`{\xc4") == "web-1.example.org[@`{\xc4");
  CHECK(lowered("").empty());
}

TEST_CASE("case does not count for ASCII letters, and counts for nothing else") {
  // Eight characters are compared at once: every pair of characters, in texts of every length up to three times that.
  bool right = true;
  for (std::size_t length = 1; length <= 24; ++length) {
    for (const std::size_t place : {std::size_t{0}, length / 2, length - 1}) {
      for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
          std::string one(length, 'x');
          std::string other(length, 'X');
          one[place] = static_cast<char>(a);
          other[place] = static_cast<char>(b);
          const bool same = ascii_lower(one[place]) == ascii_lower(other[place]);
          right = right && equals_ignoring_case(one, other) == same;
        }
      }
    }
  }
  CHECK(right);
  CHECK(equals_ignoring_case("", ""));
  CHECK_FALSE(equals_ignoring_case("keep-alive", "keep-aliv"));
}

TEST_CASE("one is singular, everything else is plural") {
  CHECK(counted(0, "server") == "0 servers");
  CHECK(counted(1, "server") == "1 server");
  CHECK(counted(12, "passed check") == "12 passed checks");
}

TEST_CASE("decimal text is what the number says") {
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{1024}, ~std::uint64_t{0}}) {
    CHECK(DecimalText(n).view() == std::to_string(n));
  }
}

TEST_CASE("nothing that a peer sends can forge a log line") {
  CHECK(escaped("a\nb\r\x1b[31m\\\xff") == "a\\x0ab\\x0d\\x1b[31m\\x5c\\xff");
  CHECK(escaped("plain text") == "plain text");
}

TEST_CASE("every error code has a word of its own") {
  std::set<std::string_view> words;
  for (int i = 0; i < static_cast<int>(Code::kCount_); ++i) {
    const auto word = code_word(static_cast<Code>(i));
    CHECK_FALSE(word.empty());
    words.insert(word);
  }
  CHECK(words.size() == static_cast<std::size_t>(Code::kCount_));
}
