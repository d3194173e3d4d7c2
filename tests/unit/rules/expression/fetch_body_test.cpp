// Fetches of a body, of which rules see no more than was waited for.
#include <catch2/catch.hpp>
#include <string>

#include "lb/rules/expression/request_body.h"

using namespace reseal::rules::expression;

TEST_CASE("what is enough of a body") {
  RequestBody body;
  CHECK(body.is_enough(0));  // there is none
  body.is_complete = false;
  CHECK_FALSE(body.is_enough(0));
  body.bytes = "abc";
  CHECK_FALSE(body.is_enough(4));
  CHECK(body.is_enough(3));
  const std::string long_body(RequestBody::kMost, 'x');
  body.bytes = long_body;
  CHECK(body.is_enough(0));
  CHECK(body.is_enough(1'000'000));
}
