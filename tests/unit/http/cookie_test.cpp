#include "lb/http/cookie.h"

#include <catch2/catch.hpp>
#include <string>

namespace reseal::http::test {
namespace {

std::string pieces(std::string_view field) {
  std::string text;
  for_each_cookie(field, [&](const Cookie& cookie, std::string_view) {
    text += "[" + std::string(cookie.name) + "|" + std::string(cookie.value) + "]";
  });
  return text;
}

TEST_CASE("A Cookie field is read piece by piece") {
  const std::pair<std::string_view, std::string> cases[] = {
      {"a=1", "[a|1]"},
      {"a=1; b=2", "[a|1][b|2]"},
      {"a=1;b=2;\tc=3", "[a|1][b|2][c|3]"},
      {" a = 1 ", "[a|1]"},
      {"a", "[|a]"},
      {"", "[|]"},
      {";;", "[|][|][|]"},
      {"=x", "[|x]"},
      {"a=b=c", "[a|b=c]"},
      {"a=\"x y\"", "[a|\"x y\"]"},
      {"a=; b", "[a|][|b]"},
  };
  for (const auto& [field, wanted] : cases) CHECK(pieces(field) == wanted);
}

TEST_CASE("One cookie is taken out, the others stay as they are") {
  struct Case {
    std::string_view field, left;
  };
  const Case cases[] = {
      {"SRV=1", ""},
      {" SRV = 1 ;", ""},
      {"SRV=1; a=2", "a=2"},
      {"a=2; SRV=1", "a=2"},
      {"a=1; SRV=x; b=2", "a=1; b=2"},
      {"a=1;SRV=x;b=2", "a=1;b=2"},
      {"SRV=1; SRV=2; a=3; SRV", "a=3; SRV"},
      {"a=\"x;  y\"; SRV=1;; b", "a=\"x;  y\";; b"},
      {"SRV=", ""},
      {"srv=1; SRVX=2; XSRV=3; SRV.=4", "srv=1; SRVX=2; XSRV=3; SRV.=4"},
      {"a=SRV=1", "a=SRV=1"},
      {"", ""},
  };
  BufferPool pool;
  Arena arena(pool);
  for (const Case& c : cases) {
    INFO(c.field);
    CHECK(without_cookie(c.field, "SRV", arena) == c.left);
  }
  // Nothing to take out costs no memory.
  const std::string_view field = "a=1; b=2";
  CHECK(without_cookie(field, "SRV", arena).data() == field.data());
}

TEST_CASE("A Set-Cookie is known by its name in every spelling that comes back under it") {
  for (const char* own : {"SRV=y", "SRV=", " SRV =y; Path=/", "\tSRV\t=y", "\"SRV\"=y", "\" SRV \"=y",
                          " \"SRV\" =y;Secure", "=SRV=y", " = SRV=y", "==SRV=y", "SRV=y;=x"}) {
    INFO(own);
    CHECK(sets_cookie(own, "SRV"));
  }
  for (const char* other : {"", ";SRV=y", "SRV", "=SRV", "srv=y", "XSRV=y", "SRVX=y", "a=SRV=y", "a; SRV=y",
                            "\"SRV=y", "\"", "\"\"=y", "S RV=y"}) {
    INFO(other);
    CHECK_FALSE(sets_cookie(other, "SRV"));
  }
}

}  // namespace
}  // namespace reseal::http::test
