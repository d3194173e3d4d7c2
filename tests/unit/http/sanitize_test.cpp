#include "lb/http/sanitize.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

/// The fields that are left of these lines.
template <class Sanitize>
std::string left_of(const std::string& lines, Sanitize sanitize) {
  ParsedRequest parsed("GET / HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n");
  REQUIRE(parsed.result);
  sanitize(parsed.head);
  return fields_text(parsed.head.fields);
}

TEST_CASE("What concerns one connection only does not cross the proxy") {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"A: b\r\n", "A=b;"},
      {"Connection: close\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: h2c\r\n", ""},
      {"HTTP2-Settings: x\r\nProxy-Authorization: y\r\nProxy-Authenticate: z\r\nTrailer: T\r\n",
       "Trailer=T;"},
      {"Content-Length: 5\r\n", ""},
      {"Transfer-Encoding: chunked\r\n", ""},
      // What Connection names goes, wherever it stands and however it is written.
      {"A: 1\r\nConnection: a, B\r\nb: 2\r\nC: 3\r\nA: 4\r\n", "C=3;"},
      {"Connection: ,, x-y ,\tclose,\r\nX-Y: 1\r\n", ""},
      {"Connection: close\r\nConnection: X\r\nX: 1\r\nClose: 2\r\n", "Close=2;"},
      {"Connection: X\r\nXX: 1\r\n", "XX=1;"},
      // But not what servers and other proxies rely on.
      {"Connection: Cookie, Authorization, Cache-Control, Expect\r\nCookie: a\r\nAuthorization: b\r\n"
       "Cache-Control: c\r\n",
       "Cookie=a;Authorization=b;Cache-Control=c;"},
      {"Connection: X-Forwarded-For, Forwarded, X-Real-IP, X-Forwarded-Ssl, "
       "x_forwarded_for\r\nX-Forwarded-For: a\r\n"
       "Forwarded: b\r\nX-Real-IP: c\r\nX-Forwarded-Ssl: on\r\nx_forwarded_for: d\r\n",
       "X-Forwarded-For=a;Forwarded=b;X-Real-IP=c;X-Forwarded-Ssl=on;x_forwarded_for=d;"},
      {"Connection: Expect\r\nExpect: 100-continue\r\n", "Expect=100-continue;"},
      {"Connection: Host\r\n", ""},
  };
  for (const auto& [lines, left] : cases) {
    INFO(lines);
    CHECK(left_of(lines, [](RequestHead& head) { drop_hop_by_hop(head); }) == "Host=h;" + left);
  }
}

TEST_CASE("Connection names only what came with it") {
  ParsedRequest parsed(
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: x-seal, x-own\r\nX-Seal: forged\r\nX-Own: 1\r\n\r\n");
  REQUIRE(parsed.result);
  const std::size_t received = parsed.head.fields.size();
  parsed.head.add(FieldName::kOther, "X-Seal", "secret");
  parsed.head.add(FieldName::kConnection, "Connection", "host, x-more");
  parsed.head.add(FieldName::kOther, "X-More", "ours");
  drop_hop_by_hop(parsed.head, received);
  CHECK(fields_text(parsed.head.fields) == "Host=h;X-Seal=secret;X-More=ours;");
}

TEST_CASE("A response loses what concerns one connection only") {
  ParsedResponse parsed(
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive, X\r\nKeep-Alive: 5\r\nX: "
      "y\r\nSet-Cookie: a\r\n\r\n");
  REQUIRE(parsed.result);
  drop_hop_by_hop(parsed.head);
  CHECK(fields_text(parsed.head.fields) == "Set-Cookie=a;");
}

std::string sanitized(const std::string& lines, UnderscoreFields underscores, bool trusted) {
  return left_of(lines, [&](RequestHead& head) { CHECK(drop_untrusted_fields(head, underscores, trusted)); });
}

TEST_CASE("Fields of a load balancer are dropped in every spelling a server might take for them") {
  const std::pair<std::string, std::string> cases[] = {
      {"X-Forwarded-For: 1\r\nX-Forwarded-Host: 2\r\nX-Forwarded-Port: 3\r\nX-Forwarded-Proto: 4\r\n", ""},
      {"Forwarded: for=1\r\nX-Real-IP: 2\r\nFORWARDED: 3\r\n", ""},
      {"x_forwarded_for: 1\r\nX-Forwarded_For: 2\r\nX_REAL_IP: 3\r\nx-real_ip: 4\r\n", ""},
      {"X-Forwarded-Client-Cert: 1\r\nX_Forwarded_Ssl: on\r\nX-Forwarded-Prefix: /\r\n", ""},
      {"Client-Cert: 1\r\nCLIENT-CERT-CHAIN: 2\r\nX-Client-Cert: 3\r\nX-Client-Certificate: 4\r\n", ""},
      {"X-SSL-Client-Verify: 1\r\nx_ssl_client_dn: 2\r\nSSL-Client-Cert: 3\r\nssl_client_s_dn: 4\r\n", ""},
      // Servers make a variable of a name by writing '_' for all that is no letter and no digit.
      {"X.Forwarded.For: 1\r\nX~Forwarded!Host: 2\r\nx|forwarded|proto: 3\r\nX'Real`IP: 4\r\n", ""},
      {"Client^Cert: 1\r\nX*Client+Cert: 2\r\nx$ssl%client&dn: 3\r\nssl#client-s-dn: 4\r\n", ""},
      {"X.Original.URL: /admin\r\nx~rewrite~url: /admin\r\n", ""},
      {"XForwardedFor: 3\r\n", "XForwardedFor=3;"},
      {"X-Original-URL: /admin\r\nX-Rewrite-Url: /admin\r\nX_Original_URL: /admin\r\n", ""},
      {"X-Forwarded: 1\r\nX-Forwarder-For: 2\r\nForwarded-For: 3\r\nX-Real-IPs: 4\r\n",
       "X-Forwarded=1;X-Forwarder-For=2;Forwarded-For=3;X-Real-IPs=4;"},
      {"Sec-Fetch-Mode: 1\r\nX-Client: 2\r\nX-SSL: 3\r\nSSL-Client: 4\r\nCookie: 5\r\n",
       "Sec-Fetch-Mode=1;X-Client=2;X-SSL=3;SSL-Client=4;Cookie=5;"},
  };
  for (const auto& [lines, left] : cases) {
    INFO(lines);
    CHECK(sanitized(lines, UnderscoreFields::kDrop, false) == "Host=h;" + left);
    CHECK(sanitized(lines, UnderscoreFields::kKeep, false) == "Host=h;" + left);
  }
}

TEST_CASE("A trusted proxy's own fields are kept, but not what it passed on in an odd spelling") {
  const std::string lines =
      "X-Forwarded-For: 1\r\nX_Forwarded_For: 2\r\nX-Client-Cert: 3\r\nssl_client_dn: 4\r\n"
      "X.Forwarded.For: 5\r\nX-Real~IP: 6\r\n";
  for (const UnderscoreFields policy : {UnderscoreFields::kDrop, UnderscoreFields::kKeep}) {
    CHECK(sanitized(lines, policy, true) == "Host=h;X-Forwarded-For=1;X-Client-Cert=3;");
  }
}

TEST_CASE("Other fields with '_' and its like are dropped, kept or refused") {
  const std::string lines =
      "api_key: 1\r\nApi-Key: 2\r\n_: 3\r\nX.Role: 4\r\nX.Forwarded: 5\r\n~: 6\r\n-: 7\r\n";
  CHECK(sanitized(lines, UnderscoreFields::kDrop, false) == "Host=h;Api-Key=2;-=7;");
  CHECK(sanitized(lines, UnderscoreFields::kKeep, false) ==
        "Host=h;api_key=1;Api-Key=2;_=3;X.Role=4;X.Forwarded=5;~=6;-=7;");
  for (const char* line : {"api_key: 1", "X.Role: 4", "x~y: 5", "X!: 6"}) {
    ParsedRequest refused(std::string("GET / HTTP/1.1\r\nHost: h\r\n") + line + "\r\n\r\n");
    CHECK(code_of(drop_untrusted_fields(refused.head, UnderscoreFields::kRefuse, true)) ==
          Code::kAmbiguousRequest);
  }
  ParsedRequest plain("GET / HTTP/1.1\r\nHost: h_h\r\nApi-Key: a_b\r\n\r\n");
  CHECK(drop_untrusted_fields(plain.head, UnderscoreFields::kRefuse, false));
}

TEST_CASE("Names are the same variable whatever stands between their letters and digits") {
  CHECK(as_variable("X-User_Id.2~a") == "x-user-id-2-a");
  for (const char* name : {"X-User", "x_user", "X.User", "X~uSER", "x|user"}) {
    INFO(name);
    CHECK(is_same_variable(name, "x-user"));
  }
  for (const char* name : {"XUser", "X-Users", "X--User", "X5User", "-User", ""}) {
    INFO(name);
    CHECK_FALSE(is_same_variable(name, "x-user"));
  }
}

}  // namespace
}  // namespace reseal::http::test
