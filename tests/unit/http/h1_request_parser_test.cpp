#include <catch2/catch.hpp>

#include "lb/http/h1_parser.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;

struct Accepted {
  const char* name;
  std::string head;
  std::string target;
  std::string authority;
  std::string fields;
  std::string framing = "none";
  bool keep_alive = true;
};

TEST_CASE("A request head that keeps the grammar is read as it stands") {
  const Accepted cases[] = {
      {"plain", "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n", "/a?b=c", "h", "Host=h;"},
      {"blanks around values", "GET / HTTP/1.1\r\nHost: \t h \t\r\nA:\r\nB: \t \r\nC:d e\r\n\r\n", "/", "h",
       "Host=h;A=;B=;C=d e;"},
      {"tab and obs-text in a value", "GET / HTTP/1.1\r\nHost: h\r\nA: b\tc\xff\x80\r\n\r\n", "/", "h",
       "Host=h;A=b\tc\xff\x80;"},
      {"every token character in a name", "GET / HTTP/1.1\r\nHost: h\r\n!#$%&'*+-.^_`|~09azAZ: 1\r\n\r\n",
       "/", "h", "Host=h;!#$%&'*+-.^_`|~09azAZ=1;"},
      {"colons in a value", "GET / HTTP/1.1\r\nHost: h\r\nA: b:c::\r\n\r\n", "/", "h", "Host=h;A=b:c::;"},
      {"host with port", "GET / HTTP/1.1\r\nHost: h.example:8443\r\n\r\n", "/", "h.example:8443",
       "Host=h.example:8443;"},
      {"host with the root's dot", "GET / HTTP/1.1\r\nHost: h.example.:80\r\n\r\n", "/", "h.example.:80",
       "Host=h.example.:80;"},
      {"host with '_' and '-'", "GET / HTTP/1.1\r\nHost: a_b.c-d.9\r\n\r\n", "/", "a_b.c-d.9",
       "Host=a_b.c-d.9;"},
      {"host as IPv6 with IPv4", "GET / HTTP/1.1\r\nHost: [::FFFF:192.0.2.1]\r\n\r\n", "/",
       "[::FFFF:192.0.2.1]", "Host=[::FFFF:192.0.2.1];"},
      {"host as IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "/", "[::1]:80", "Host=[::1]:80;"},
      {"host in upper case", "GET / HTTP/1.1\r\nHOST: H\r\n\r\n", "/", "H", "HOST=H;"},
      {"length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 007\r\n\r\n", "/", "h",
       "Host=h;Content-Length=007;", "length 7"},
      {"chunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n", "/", "h",
       "Host=h;Transfer-Encoding=Chunked;", "chunked"},
      {"close", "GET / HTTP/1.1\r\nHost: h\r\nConnection: x, CLOSE\r\n\r\n", "/", "h",
       "Host=h;Connection=x, CLOSE;", "none", false},
      {"1.0 closes", "GET / HTTP/1.0\r\n\r\n", "/", "", "", "none", false},
      {"1.0 asks to be kept", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "/", "",
       "Connection=Keep-Alive;"},
      {"close beats keep-alive",
       "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", "/", "h",
       "Host=h;Connection=keep-alive;Connection=close;", "none", false},
      {"absolute-form", "GET http://H.example/p?q HTTP/1.1\r\nHost: h.EXAMPLE\r\n\r\n", "/p?q", "h.EXAMPLE",
       "Host=h.EXAMPLE;"},
      {"absolute-form, default port", "GET HTTPS://h:443/p HTTP/1.1\r\nHost: h\r\n\r\n", "/p", "h",
       "Host=h;"},
      {"absolute-form without a path", "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", "/", "h", "Host=h;"},
      {"absolute-form with a query only", "GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n", "/?q", "h",
       "Host=h;"},
      {"absolute-form, 1.0 without Host", "GET http://h:81/ HTTP/1.0\r\n\r\n", "/", "h:81", "", "none",
       false},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "*", "h", "Host=h;"},
      {"OPTIONS of a whole host", "OPTIONS http://h HTTP/1.1\r\nHost: h\r\n\r\n", "*", "h", "Host=h;"},
      {"an unknown method", "PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n", "/", "h", "Host=h;"},
      {"a lower-case method is another one", "get / HTTP/1.1\r\nHost: h\r\n\r\n", "/", "h", "Host=h;"},
      {"target of odd but allowed characters",
       "GET /\"<>\\^`{|}[]@!$&'()*+,;=%zz HTTP/1.1\r\nHost: h\r\n\r\n", "/\"<>\\^`{|}[]@!$&'()*+,;=%zz", "h",
       "Host=h;"},
  };
  for (const Accepted& c : cases) {
    INFO(c.name);
    const ParsedRequest parsed(c.head);
    REQUIRE(code_of(parsed.result) == Code::kOk);
    CHECK(parsed.head.target == c.target);
    CHECK(parsed.head.authority == c.authority);
    CHECK(fields_text(parsed.head.fields) == c.fields);
    CHECK(framing_text(parsed.head.framing) == c.framing);
    CHECK(parsed.head.keep_alive == c.keep_alive);
  }
}

struct Refused {
  const char* name;
  std::string head;
  Code code = Code::kBadRequest;
};

/// A head with this request line.
std::string with_line(const std::string& line) {
  return line + "\r\nHost: h\r\n\r\n";
}
/// A head with this field line.
std::string with_field(const std::string& line) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n";
}
/// A head with this Host.
std::string with_host(const std::string& host) {
  return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

void check_refused(std::span<const Refused> cases) {
  for (const Refused& c : cases) {
    INFO(c.name);
    const ParsedRequest parsed(c.head);
    REQUIRE(code_of(parsed.result) == c.code);
    CHECK(parsed.result.error().origin == Origin::kClient);
    CHECK(!std::string_view(parsed.result.error().detail).empty());
  }
}

TEST_CASE("Request lines that break the grammar are refused") {
  const Refused cases[] = {
      {"no method", with_line(" / HTTP/1.1")},
      {"method of no token", with_line("GE,T / HTTP/1.1")},
      {"method too long", with_line(std::string(33, 'A') + " / HTTP/1.1")},
      {"one word", with_line("GET")},
      {"no version (0.9)", with_line("GET /"), Code::kVersionRefused},
      {"no target", with_line("GET  HTTP/1.1")},
      {"blanks before the version", with_line("GET /  HTTP/1.1")},
      {"blank in the target", with_line("GET /a b HTTP/1.1")},
      {"tab for a blank", with_line("GET\t/ HTTP/1.1")},
      {"blank at the end", with_line("GET / HTTP/1.1 "), Code::kVersionRefused},
      {"version 2.0", with_line("GET / HTTP/2.0"), Code::kVersionRefused},
      {"version 1.2", with_line("GET / HTTP/1.2"), Code::kVersionRefused},
      {"version 1.10", with_line("GET / HTTP/1.10"), Code::kVersionRefused},
      {"version in lower case", with_line("GET / http/1.1"), Code::kVersionRefused},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", Code::kVersionRefused},
      {"CONNECT", with_line("CONNECT h:443 HTTP/1.1"), Code::kMethodRefused},
      {"a fragment", with_line("GET /a#b HTTP/1.1")},
      {"NUL in the target", with_line("GET /a\0b HTTP/1.1"s)},
      {"control in the target", with_line("GET /a\x01 HTTP/1.1")},
      {"DEL in the target", with_line("GET /a\x7f HTTP/1.1")},
      {"UTF-8 in the target", with_line("GET /\xc3\xa4 HTTP/1.1")},
      {"a target without a slash", with_line("GET a HTTP/1.1")},
      {"another scheme", with_line("GET ftp://h/ HTTP/1.1")},
      {"* for another method", with_line("GET * HTTP/1.1")},
      {"CR in the request line", with_line("GET /\r HTTP/1.1")},
      {"an empty line before", "\r\n" + with_line("GET / HTTP/1.1")},
      {"target names another host", with_line("GET http://other/ HTTP/1.1"), Code::kAmbiguousRequest},
      {"target names another port", with_line("GET http://h:81/ HTTP/1.1"), Code::kAmbiguousRequest},
      {"target names the other scheme's port", with_line("GET http://h:443/ HTTP/1.1"),
       Code::kAmbiguousRequest},
      {"userinfo in the target", with_line("GET http://u@h/ HTTP/1.1")},
      {"empty host in the target", with_line("GET http:/// HTTP/1.1")},
  };
  check_refused(cases);
}

TEST_CASE("Field lines that break the grammar are refused") {
  const Refused cases[] = {
      {"no colon", with_field("abc")},
      {"the last line without a colon", "GET / HTTP/1.1\r\nHost: h\r\nabc\r\n\r\n"},
      {"empty name", with_field(": x")},
      {"blank before the colon", with_field("A : x")},
      {"tab before the colon", with_field("A\t: x")},
      {"blank before the name", with_field(" A: x")},
      {"obs-fold with a blank", with_field("A: x\r\n y")},
      {"obs-fold with a tab", with_field("A: x\r\n\ty: z")},
      {"obs-fold in the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n"},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n"},
      {"bare LF as the empty line", "GET / HTTP/1.1\r\nHost: h\r\n\n"},
      {"bare CR in a value", with_field("A: b\rContent-Length: 3")},
      {"bare CR in a name", with_field("A\rB: c")},
      {"CR CR LF", with_field("A: b\r")},
      {"NUL in a value", with_field("A: b\0c"s)},
      {"NUL in a name", with_field("A\0: c"s)},
      {"control in a value", with_field("A: b\x1f")},
      {"vertical tab before a value", with_field("Transfer-Encoding:\x0b"
                                                 "chunked")},
      {"DEL in a value", with_field("A: b\x7f")},
      {"high byte in a name", with_field("A\xc3: b")},
      {"quote in a name", with_field("A\"B: c")},
      {"slash in a name", with_field("A/B: c")},
      {"a known name with CR for its hyphen", with_field("Content\rLength: 3")},
      {"a long name with one wrong character", with_field(std::string(200, 'n') + "(: x")},
      {"a long value with one wrong character",
       with_field("A: " + std::string(200, 'v') + "\x02" + std::string(40, 'v'))},
      {"bytes after the empty line", with_field("A: b") + "x"},
      {"no empty line", "GET / HTTP/1.1\r\nHost: h\r\n"},
      {"half a line end", "GET / HTTP/1.1\r\nHost: h\r"},
      {"an expectation other than 100-continue", with_field("Expect: 200-ok"), Code::kExpectationRefused},
      {"a list of expectations", with_field("Expect: 100-continue, x"), Code::kExpectationRefused},
      {"two expectations", with_field("Expect: 100-continue\r\nExpect: 100-continue"),
       Code::kExpectationRefused},
      {"an empty expectation", with_field("Expect:"), Code::kExpectationRefused},
  };
  check_refused(cases);
}

TEST_CASE("A request names exactly one host, and a valid one") {
  const Refused cases[] = {
      {"no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
      {"no Host, absolute-form", "GET http://h/ HTTP/1.1\r\n\r\n"},
      {"two", "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", Code::kAmbiguousRequest},
      {"the same twice", "GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n", Code::kAmbiguousRequest},
      {"two in 1.0", "GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n", Code::kAmbiguousRequest},
      {"empty", with_host("")},
      {"port only", with_host(":80")},
      {"empty port", with_host("h:")},
      {"port too large", with_host("h:65536")},
      {"port far too large", with_host("h:18446744073709551696")},
      {"port no number", with_host("h:8o")},
      {"signed port", with_host("h:+80")},
      {"two ports", with_host("h:80:80")},
      {"userinfo", with_host("u@h")},
      {"path", with_host("h/p")},
      {"query", with_host("h?q")},
      {"fragment", with_host("h#f")},
      {"blank", with_host("h i")},
      {"list", with_host("h,i")},
      {"backslash", with_host("h\\i")},
      {"high byte", with_host("h\xe4")},
      {"IPv6 without the end", with_host("[::1")},
      {"IPv6 with a zone", with_host("[fe80::1%25eth0]")},
      {"IPv6 with something behind", with_host("[::1]x")},
      {"empty brackets", with_host("[]")},
      {"IPv6 without brackets", with_host("::1")},
      {"IPv6 of too many parts", with_host("[1:2:3:4:5:6:7:8:9]")},
      {"IPv6 that is none", with_host("[a.b]")},
      {"IPv4 in brackets", with_host("[127.0.0.1]")},
      {"IPv6 longer than any", with_host("[" + std::string(60, '0') + "::1]")},
      // What some servers and browsers take for another host than it says.
      {"a percent-encoded letter", with_host("%64eny.test")},
      {"a percent-encoded dot", with_host("deny%2etest")},
      {"an empty label", with_host("deny..test")},
      {"two dots at the end", with_host("deny.test..")},
      {"a dot at the beginning", with_host(".deny.test")},
      {"nothing but a dot", with_host(".")},
      {"sub-delims", with_host("deny.test;a=b")},
      {"an exclamation mark", with_host("deny!test")},
      {"a tilde", with_host("deny~test")},
      {"a bracket inside", with_host("a[::1]")},
  };
  check_refused(cases);
}

TEST_CASE("Every character that must not be in a place is refused there") {
  for (unsigned c = 0; c < 256; ++c) {
    CAPTURE(c);
    const std::string text(1, static_cast<char>(c));
    const bool field = c == '\t' || (c >= 0x20 && c != 0x7f);
    CHECK(ParsedRequest(with_field("A: b" + text + "c")).result.has_value() == field);
    // In the middle of what is looked at sixteen bytes at a time, and in what is left over.
    CHECK(ParsedRequest(with_field("A: " + std::string(20, 'b') + text + std::string(20, 'c')))
              .result.has_value() == field);
    const bool alnum = c < 0x80 && std::isalnum(static_cast<int>(c)) != 0;
    const bool token =
        alnum || (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(text) != std::string_view::npos);
    // A colon ends the name, and what follows is a value then.
    CHECK(ParsedRequest(with_field("Ab" + text + "c: d")).result.has_value() == (token || c == ':'));
    const bool target = c > 0x20 && c < 0x7f && c != '#';
    CHECK(ParsedRequest(with_line("GET /a" + text + "b HTTP/1.1")).result.has_value() == target);
    CHECK(ParsedRequest(with_line("GE" + text + "T / HTTP/1.1")).result.has_value() == token);
  }
}

TEST_CASE("The limits of a head are exact") {
  const std::string head = "GET /12345678 HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
  const auto code = [&head](HeadLimits limits) { return code_of(ParsedRequest(head, limits).result); };
  CHECK(code({.head_bytes = head.size(), .target_bytes = 9, .fields = 2}) == Code::kOk);
  CHECK(code({.head_bytes = head.size() - 1, .target_bytes = 9, .fields = 2}) == Code::kHeadTooLarge);
  CHECK(code({.head_bytes = head.size(), .target_bytes = 8, .fields = 2}) == Code::kTargetTooLong);
  CHECK(code({.head_bytes = head.size(), .target_bytes = 9, .fields = 1}) == Code::kHeadTooLarge);
}

TEST_CASE("Methods are told apart by case and letter") {
  const std::pair<const char*, Method> cases[] = {
      {"GET", Method::kGet},       {"HEAD", Method::kHead},       {"POST", Method::kPost},
      {"PUT", Method::kPut},       {"DELETE", Method::kDelete},   {"TRACE", Method::kTrace},
      {"PATCH", Method::kPatch},   {"OPTIONS", Method::kOptions}, {"Get", Method::kOther},
      {"GETS", Method::kOther},    {"HEAP", Method::kOther},      {"PROPFIND", Method::kOther},
      {"OPTIONZ", Method::kOther},
  };
  for (const auto& [text, method] : cases) {
    INFO(text);
    const ParsedRequest parsed(with_line(std::string(text) + " / HTTP/1.1"));
    REQUIRE(parsed.result);
    CHECK(parsed.head.method == method);
    CHECK(parsed.head.method_text == text);
  }
}

TEST_CASE("An expectation is kept for HTTP/1.1 and ignored in HTTP/1.0") {
  const ParsedRequest now("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
  REQUIRE(now.result);
  CHECK(now.head.expect_continue);
  CHECK(now.head.find(FieldName::kExpect) != nullptr);
  const ParsedRequest old("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  REQUIRE(old.result);
  CHECK_FALSE(old.head.expect_continue);
  CHECK(old.head.find(FieldName::kExpect) == nullptr);
}

TEST_CASE("The end of a head is found in whatever pieces it comes") {
  const std::pair<std::string, std::size_t> cases[] = {
      {"GET / HTTP/1.1\r\nA: b\r\n\r\nrest", 24},
      {"\r\n\r\n", 4},
      {"a\n\nb", 3},
      {"a\r\n\nb", 4},
      {"a\n\r\nb", 4},
      {"a\r\n\r", 0},
      {"a\r\nb\r\n", 0},
      {"", 0},
      {"\n", 0},
      {"a\r\r\n\r\n", 6},
  };
  for (const auto& [bytes, length] : cases) {
    INFO(bytes);
    for (const std::size_t piece : kPieces) {
      std::size_t found = 0;
      std::size_t scanned = 0;
      std::string so_far;
      in_pieces(bytes, piece, [&](std::string_view part) {
        if (found != 0) return;
        so_far.append(part);
        found = find_head_end(so_far, scanned);
        scanned = so_far.size();
      });
      CHECK(found == length);
    }
  }
}

TEST_CASE("Bytes that are no HTTP are told from the first on") {
  CHECK(may_begin_request("G"));
  CHECK(may_begin_request("GET"));
  CHECK(may_begin_request("GET /\x01"));
  CHECK_FALSE(may_begin_request("\x16\x03\x01"));  // a TLS client on a plain port
  CHECK_FALSE(may_begin_request(" GET"));
  CHECK_FALSE(may_begin_request("{"));
  CHECK_FALSE(may_begin_request(std::string(33, 'A')));
  CHECK_FALSE(may_begin_request("GET\r\n"));
}

}  // namespace
}  // namespace reseal::http::test
