#include "lb/proxy/router.h"

#include <catch2/catch.hpp>
#include <optional>

#include "lb/proxy/error_policy.h"
#include "lb/proxy/forwarding.h"

using namespace reseal;
using namespace reseal::proxy;

TEST_CASE("the first rule that matches wins, then the default") {
  struct Case {
    const char* method;
    const char* host;
    const char* target;
    std::optional<std::uint32_t> backend;
  };
  const Router router({{"", "", "/api", "", 1},
                       {"", "/exact", "", "", 2},
                       {"*.example.org", "", "", "", 3},
                       {"a.example", "", "/x/", "POST", 4}},
                      0);
  for (const Case& c : {
           Case{"GET", "h", "/api", 1},
           {"GET", "h", "/api/x?y", 1},
           {"GET", "h", "/api?y", 1},
           {"GET", "h", "/apix", 0},
           {"GET", "h", "/exact?q", 2},
           {"GET", "h", "/exact/", 0},
           {"GET", "W.Example.ORG:8443", "/", 3},
           {"GET", "a.b.example.org", "/", 3},
           {"GET", "example.org", "/", 0},
           {"GET", "evilexample.org", "/", 0},
           {"POST", "a.example:80", "/x/y", 4},
           {"GET", "a.example", "/x/y", 0},
           {"POST", "a.example", "/x", 0},
       }) {
    INFO(c.method << " " << c.host << c.target);
    BufferPool pool;
    http::RequestHead head(pool);
    head.method_text = c.method;
    head.authority = c.host;
    head.target = c.target;
    CHECK(router.route(head) == c.backend);
  }
  BufferPool pool;
  http::RequestHead head(pool);
  head.target = "/";
  CHECK_FALSE(Router().route(head));
}

TEST_CASE("the host of an authority is without its port") {
  CHECK(host_of("a.example:443") == "a.example");
  CHECK(host_of("a.example") == "a.example");
  CHECK(host_of("[::1]:80") == "[::1]");
  CHECK(host_of("[::1]") == "[::1]");
}

TEST_CASE("every cause has an answer, and only a client that is gone has none") {
  for (int i = 0; i < static_cast<int>(Code::kCount_); ++i) {
    const auto code = static_cast<Code>(i);
    INFO(code_word(code));
    const ErrorReply reply = error_reply(code);
    const bool nobody =
        code == Code::kClientGone || code == Code::kClientTlsFailed || code == Code::kProxyHeaderInvalid;
    CHECK((reply.status == 0) == nobody);
    if (!nobody) {
      CHECK(reply.status >= 400);
      CHECK(reply.status < 600);
      CHECK(*reply.hint != '\0');
    }
    // What a client did wrong leaves its connection in doubt.
    const bool client_fault = code >= Code::kClientTimeout && code <= Code::kCodingRefused && !nobody;
    if (client_fault) {
      CHECK(reply.close);
      CHECK(reply.status < 506);
    }
  }
}

TEST_CASE("forwarding fields tell the client's address and protocol; IPv6 is quoted") {
  BufferPool pool;
  http::RequestHead head(pool);
  head.authority = "a.example:8443";
  add_forwarding_fields({"2001:db8::1", true, false}, head);
  CHECK(head.find(http::FieldName::kXForwardedFor)->value == "2001:db8::1");
  CHECK(head.find(http::FieldName::kXForwardedProto)->value == "https");
  CHECK(head.find(http::FieldName::kForwarded)->value ==
        "for=\"[2001:db8::1]\";host=\"a.example:8443\";proto=https");
}
