#include "lb/http/coding.h"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

constexpr Coding kBrotliFirst[] = {Coding::kBrotli, Coding::kGzip};
constexpr Coding kGzipFirst[] = {Coding::kGzip, Coding::kBrotli};
constexpr Coding kGzipOnly[] = {Coding::kGzip};

std::string_view best(std::string_view value, std::span<const Coding> offered) {
  AcceptedCodings accepted;
  accepted.add(value);
  return coding_name(accepted.best_of(offered));
}

TEST_CASE("The coding that a client wants most is chosen, the configured order decides among equals") {
  struct Case {
    std::string_view value;
    std::string_view brotli_first, gzip_first, gzip_only;
  };
  const Case cases[] = {
      {"", "identity", "identity", "identity"},
      {"gzip", "gzip", "gzip", "gzip"},
      {"br", "br", "br", "identity"},
      {"gzip, deflate, br, zstd", "br", "gzip", "gzip"},
      {"GZIP;Q=1.000", "gzip", "gzip", "gzip"},
      {"x-gzip", "gzip", "gzip", "gzip"},
      {"gzip;q=1.0, br;q=0.9", "gzip", "gzip", "gzip"},
      {"gzip;q=0.2, br;q=0.201", "br", "br", "gzip"},
      {"gzip ; q=0.5 ,\tbr ;q=0.5", "br", "gzip", "gzip"},
      // 0 is "not acceptable", however it is written.
      {"gzip;q=0", "identity", "identity", "identity"},
      {"gzip;q=0., br;q=0.000", "identity", "identity", "identity"},
      {"br;q=0, *", "gzip", "gzip", "gzip"},
      {"*", "br", "gzip", "gzip"},
      {"*;q=0", "identity", "identity", "identity"},
      {"*;q=0, gzip", "gzip", "gzip", "gzip"},
      {"gzip;q=0.001", "gzip", "gzip", "gzip"},
      // Named, identity is wanted as it says; otherwise less than anything else.
      {"identity", "identity", "identity", "identity"},
      {"identity, gzip;q=0.5", "identity", "identity", "identity"},
      {"identity;q=0.5, gzip;q=0.5", "gzip", "gzip", "gzip"},
      {"identity;q=0", "identity", "identity", "identity"},
      {"identity;q=0, gzip;q=0.1", "gzip", "gzip", "gzip"},
      // What is no weight is no permission.
      {"gzip;q=", "identity", "identity", "identity"},
      {"gzip;q=2", "identity", "identity", "identity"},
      {"gzip;q=1.001", "identity", "identity", "identity"},
      {"gzip;q=0.1234", "identity", "identity", "identity"},
      {"gzip;q=0,5", "identity", "identity", "identity"},
      {"gzip;q=.5", "identity", "identity", "identity"},
      {"gzip;q=-1", "identity", "identity", "identity"},
      {"gzip;q=1x", "identity", "identity", "identity"},
      {"gzip;level=9", "identity", "identity", "identity"},
      {"gzip;q=1;q=0", "identity", "identity", "identity"},
      {"gzip;", "identity", "identity", "identity"},
      // Named twice: the lower one.
      {"gzip, gzip;q=0", "identity", "identity", "identity"},
      {"gzip;q=0, gzip", "identity", "identity", "identity"},
      {"gzip;q=0, x-gzip", "identity", "identity", "identity"},
      {",, ;q=1, =, gzipp, gzi, b r, brr", "identity", "identity", "identity"},
      {" , gzip ,", "gzip", "gzip", "gzip"},
  };
  for (const Case& c : cases) {
    INFO(c.value);
    CHECK(best(c.value, kBrotliFirst) == c.brotli_first);
    CHECK(best(c.value, kGzipFirst) == c.gzip_first);
    CHECK(best(c.value, kGzipOnly) == c.gzip_only);
    CHECK(best(c.value, {}) == "identity");
  }
}

TEST_CASE("Several Accept-Encoding fields are one list, and dropped ones are not in it") {
  ParsedRequest parsed(
      "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: br;q=0.5\r\nA: gzip\r\nAccept-Encoding: gzip\r\n\r\n");
  REQUIRE(parsed.result);
  CHECK(AcceptedCodings(parsed.head).best_of(kBrotliFirst) == Coding::kGzip);
  parsed.head.fields.back().drop = true;
  CHECK(AcceptedCodings(parsed.head).best_of(kBrotliFirst) == Coding::kBrotli);
}

}  // namespace
}  // namespace reseal::http::test
