#include "lb/proxy/captures.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::proxy;

namespace {

void add(http::MessageHead& head, std::string_view name, std::string_view value) {
  head.add(http::field_name(name), name, value);
}

}  // namespace

TEST_CASE("captures are the last field of a name, the first cookie of a prefix, and cut") {
  BufferPool pool;
  http::RequestHead request(pool);
  request.authority = "a.example";
  add(request, "user-agent", "first");
  add(request, "User-Agent", "second");
  add(request, "Cookie", "x=sid=1;  sid=abcdef ; sid=2");
  http::ResponseHead response(pool);
  add(response, "Set-Cookie", "other=1; sid=no");
  add(response, "Set-Cookie", "sid=new; path=/");
  add(response, "X-Out", "out");
  CaptureRules rules;
  rules.request = {{"User-Agent", 4}, {"Host", 100}, {"None", 5}};
  rules.response = {{"x-out", 100}};
  rules.cookie = {"sid=", 7};

  Captures captures;
  captures.take_request(rules, request);
  captures.take_response(rules, response, request.arena);
  response.reset();
  const stats::LogCaptures view = captures.view();
  REQUIRE(view.request.size() == 3);
  CHECK(view.request[0] == "seco");
  CHECK(view.request[1] == "a.example");
  CHECK(view.request[2].empty());
  CHECK(view.request_cookie == "sid=abc");
  REQUIRE(view.response.size() == 1);
  CHECK(view.response[0] == "out");
  CHECK(view.response_cookie == "sid=new");

  captures.clear();
  CHECK(captures.view().request.empty());
  // Of a request without a response the places are there all the same.
  captures.take_request(rules, request);
  REQUIRE(captures.view().response.size() == 1);
  CHECK(captures.view().response[0].empty());
}
