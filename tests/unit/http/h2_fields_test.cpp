#include "lb/http/h2_fields.h"

#include <catch2/catch.hpp>

#include "lb/http/h1_parser.h"
#include "lb/http/h1_writer.h"
#include "lb/http/sanitize.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;

/// A GET of https://h/ with other fields behind.
List get(const List& more = {}) {
  List list = {{":method", "GET"}, {":scheme", "https"}, {":authority", "h"}, {":path", "/"}};
  list.insert(list.end(), more.begin(), more.end());
  return list;
}
/// The same with one field in another form.
List with(std::string_view name, std::string value, const List& more = {}) {
  List list = get(more);
  for (auto& field : list) {
    if (field.first == name) field.second = value;
  }
  return list;
}
List without(std::string_view name, const List& more = {}) {
  List list = get(more);
  std::erase_if(list, [name](const auto& field) { return field.first == name; });
  return list;
}

struct Read {
  explicit Read(const List& list, bool end_stream = true, const HeadLimits& limits = {}) : head(pool) {
    result = read_h2_request(raw(list), end_stream, limits, head);
  }
  BufferPool pool;
  RequestHead head;
  Result<void> result;
};

TEST_CASE("An HTTP/2 request becomes the neutral head that HTTP/1 would have become") {
  const Read read(get({{"user-agent", "x"},
                       {"cookie", "a=1"},
                       {"accept", "*/*"},
                       {"cookie", "b=2"},
                       {"x-custom_name", ""},
                       {"cookie", "c=3"},
                       {"te", "trailers"}}));
  REQUIRE(read.result);
  CHECK(read.head.version == Version::kHttp2);
  CHECK(read.head.method == Method::kGet);
  CHECK(read.head.method_text == "GET");
  CHECK(read.head.target == "/");
  CHECK(read.head.authority == "h");
  CHECK(read.head.keep_alive);
  CHECK(read.head.accepts_trailers);
  CHECK(fields_text(read.head.fields) ==
        "host=h;user-agent=x;cookie=a=1; b=2; c=3;accept=*/*;x-custom_name=;te=trailers;");
  for (const Field& field : read.head.fields) CHECK(field.id == field_name(field.name));
}

TEST_CASE("What an HTTP/2 request may say, and what is refused") {
  const struct {
    const char* name;
    List list;
    Code code;
  } cases[] = {
      {"plain", get(), Code::kOk},
      // Pseudo fields.
      {"no :method", without(":method"), Code::kBadRequest},
      {"no :scheme", without(":scheme"), Code::kBadRequest},
      {"no :path", without(":path"), Code::kBadRequest},
      {"no :authority", without(":authority"), Code::kBadRequest},
      {"Host in its place", without(":authority", {{"host", "h"}}), Code::kOk},
      {"twice", get({{":path", "/b"}}), Code::kBadRequest},
      {":method twice", get({{":method", "GET"}}), Code::kBadRequest},
      {"behind a field", without(":path", {{"a", "b"}, {":path", "/"}}), Code::kBadRequest},
      {"unknown", get({{":x", "y"}}), Code::kBadRequest},
      {"a bare colon", get({{":", "y"}}), Code::kBadRequest},
      {":status", get({{":status", "200"}}), Code::kBadRequest},
      {"upper case", without(":path", {{":Path", "/"}}), Code::kBadRequest},
      {"nothing at all", {}, Code::kBadRequest},
      // Method.
      {"empty method", with(":method", ""), Code::kBadRequest},
      {"method with a blank", with(":method", "GET /x"), Code::kBadRequest},
      {"method with CRLF", with(":method", "GET / HTTP/1.1\r\nx: y"), Code::kBadRequest},
      {"method of 33 characters", with(":method", std::string(33, 'X')), Code::kBadRequest},
      {"method of its own", with(":method", "PURGE"), Code::kOk},
      {"CONNECT", {{":method", "CONNECT"}, {":authority", "h:443"}}, Code::kMethodRefused},
      // Scheme.
      {"http", with(":scheme", "http"), Code::kOk},
      {"HTTPS", with(":scheme", "HTTPS"), Code::kOk},
      {"another scheme", with(":scheme", "ftp"), Code::kBadRequest},
      {"scheme with a request in it", with(":scheme", "http://h/x? HTTP/1.1\r\n\r\n"), Code::kBadRequest},
      {"empty scheme", with(":scheme", ""), Code::kBadRequest},
      // Path.
      {"query", with(":path", "/a?b=c"), Code::kOk},
      {"empty", with(":path", ""), Code::kBadRequest},
      {"no slash", with(":path", "a"), Code::kBadRequest},
      {"*", with(":path", "*"), Code::kBadRequest},
      {"a URL", with(":path", "http://other/"), Code::kBadRequest},
      {"a blank", with(":path", "/a b"), Code::kBadRequest},
      {"a tab", with(":path", "/a\tb"), Code::kBadRequest},
      {"CRLF", with(":path", "/ HTTP/1.1\r\nx: y"), Code::kBadRequest},
      {"LF", with(":path", "/a\nb"), Code::kBadRequest},
      {"NUL", with(":path", "/a\0b"s), Code::kBadRequest},
      {"DEL", with(":path", "/a\x7f"), Code::kBadRequest},
      {"fragment", with(":path", "/a#b"), Code::kBadRequest},
      {"not ASCII", with(":path", "/\xc3\xa4"), Code::kBadRequest},
      {"too long", with(":path", "/" + std::string(16 * 1024, 'a')), Code::kTargetTooLong},
      // Authority.
      {"port", with(":authority", "h:8443"), Code::kOk},
      {"address", with(":authority", "[::1]:443"), Code::kOk},
      {"userinfo", with(":authority", "u@h"), Code::kBadRequest},
      {"userinfo with a password", with(":authority", "u:p@h"), Code::kBadRequest},
      {"empty authority", with(":authority", ""), Code::kBadRequest},
      {"blank in it", with(":authority", "h x"), Code::kBadRequest},
      {"slash in it", with(":authority", "h/x"), Code::kBadRequest},
      {"CRLF in it", with(":authority", "h\r\nx: y"), Code::kBadRequest},
      {"port too high", with(":authority", "h:65536"), Code::kBadRequest},
      {"two hosts", with(":authority", "h,i"), Code::kBadRequest},
      {"percent-encoding", with(":authority", "%64eny.test"), Code::kBadRequest},
      {"an empty label", with(":authority", "deny.test.."), Code::kBadRequest},
      {"Host agrees", get({{"host", "H:443"}}), Code::kOk},
      {"Host differs", get({{"host", "other"}}), Code::kAmbiguousRequest},
      {"Host of another port", get({{"host", "h:80"}}), Code::kAmbiguousRequest},
      {"Host twice", get({{"host", "h"}, {"host", "h"}}), Code::kAmbiguousRequest},
      {"empty Host", get({{"host", ""}}), Code::kBadRequest},
      {"Host with a blank", get({{"host", "h x"}}), Code::kBadRequest},
      // Fields.
      {"empty name", get({{"", "x"}}), Code::kBadRequest},
      {"upper-case name", get({{"Accept", "x"}}), Code::kBadRequest},
      {"upper-case name of its own", get({{"x-A", "x"}}), Code::kBadRequest},
      {"name with a blank", get({{"a b", "x"}}), Code::kBadRequest},
      {"name with a colon", get({{"a:b", "x"}}), Code::kBadRequest},
      {"name with CRLF", get({{"a\r\nb", "x"}}), Code::kBadRequest},
      {"name with NUL", get({{"a\0b"s, "x"}}), Code::kBadRequest},
      {"name that is not ASCII", get({{"\xc3\xa4", "x"}}), Code::kBadRequest},
      {"value with CR", get({{"a", "b\rc"}}), Code::kBadRequest},
      {"value with LF", get({{"a", "b\nc"}}), Code::kBadRequest},
      {"value with CRLF and a request", get({{"a", "b\r\n\r\nGET /evil HTTP/1.1\r\n"}}), Code::kBadRequest},
      {"value with NUL", get({{"a", "b\0c"s}}), Code::kBadRequest},
      {"value with a control character", get({{"a", "b\x01"}}), Code::kBadRequest},
      {"value with a tab inside", get({{"a", "b\tc"}}), Code::kOk},
      {"blank before a value", get({{"a", " b"}}), Code::kBadRequest},
      {"tab behind a value", get({{"a", "b\t"}}), Code::kBadRequest},
      {"obs-text", get({{"a", "\xe4"}}), Code::kOk},
      {"cookie with LF", get({{"cookie", "a\nb"}}), Code::kBadRequest},
      // Connection-specific fields.
      {"connection", get({{"connection", "close"}}), Code::kBadRequest},
      {"keep-alive", get({{"keep-alive", "5"}}), Code::kBadRequest},
      {"proxy-connection", get({{"proxy-connection", "close"}}), Code::kBadRequest},
      {"transfer-encoding", get({{"transfer-encoding", "chunked"}}), Code::kBadRequest},
      {"upgrade", get({{"upgrade", "websocket"}}), Code::kBadRequest},
      {"http2-settings", get({{"http2-settings", "AAMAAABkAAQAAP__"}}), Code::kBadRequest},
      {"te: gzip", get({{"te", "gzip"}}), Code::kBadRequest},
      {"te: trailers, gzip", get({{"te", "trailers, gzip"}}), Code::kBadRequest},
      {"te: Trailers", get({{"te", "Trailers"}}), Code::kOk},
      // Framing and expectations.
      {"length, no body", get({{"content-length", "5"}}), Code::kAmbiguousRequest},
      {"length 0", get({{"content-length", "0"}}), Code::kOk},
      {"length twice", get({{"content-length", "0"}, {"content-length", "0"}}), Code::kAmbiguousRequest},
      {"length +0", get({{"content-length", "+0"}}), Code::kAmbiguousRequest},
      {"length as a list", get({{"content-length", "0, 0"}}), Code::kAmbiguousRequest},
      {"empty length", get({{"content-length", ""}}), Code::kAmbiguousRequest},
      {"length near 2^64", get({{"content-length", "18446744073709551616"}}), Code::kAmbiguousRequest},
      {"expect", get({{"expect", "100-continue"}}), Code::kOk},
      {"another expectation", get({{"expect", "payment"}}), Code::kExpectationRefused},
      // Extended CONNECT.
      {":protocol without CONNECT", get({{":protocol", "websocket"}}), Code::kBadRequest},
      {"CONNECT with a path", with(":method", "CONNECT"), Code::kMethodRefused},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const Read read(c.list);
    CHECK(code_word(code_of(read.result)) == code_word(c.code));
    if (!read.result) CHECK(read.result.error().origin == Origin::kClient);
  }
}

TEST_CASE("OPTIONS may ask for all of the server") {
  List list = with(":path", "*");
  list[0].second = "OPTIONS";
  const Read read(list);
  REQUIRE(read.result);
  CHECK(read.head.target == "*");
}

TEST_CASE("Too many fields are too large a head; cookie crumbs are one field") {
  List many = get();
  for (int i = 0; i < 99; ++i) many.emplace_back("x", "y");
  CHECK(Read(many).result);  // with Host, 100
  many.emplace_back("x", "y");
  CHECK(code_of(Read(many).result) == Code::kHeadTooLarge);
  List crumbs = get();
  for (int i = 0; i < 300; ++i) crumbs.emplace_back("cookie", "a=b");
  const Read read(crumbs);
  REQUIRE(read.result);
  CHECK(read.head.fields.size() == 2);
}

TEST_CASE("The framing comes from END_STREAM and Content-Length") {
  const struct {
    const char* name;
    List more;
    bool end_stream;
    std::string framing;
  } cases[] = {
      {"no body", {}, true, "none"},
      {"unknown length", {}, false, "chunked"},
      {"length", {{"content-length", "5"}}, false, "length 5"},
      {"length 0, body to end", {{"content-length", "0"}}, false, "length 0"},
      {"length 0", {{"content-length", "0"}}, true, "length 0"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const Read read(with(":method", "POST", c.more), c.end_stream);
    REQUIRE(read.result);
    CHECK(framing_text(read.head.framing) == c.framing);
  }
}

TEST_CASE("Tunnels are asked for by CONNECT where it is allowed, and by the extended CONNECT of RFC 8441") {
  const HeadLimits allowing{.allow_connect = true};
  const Read plain({{":method", "CONNECT"}, {":authority", "db.internal:5432"}}, false, allowing);
  REQUIRE(plain.result);
  CHECK(plain.head.framing.kind == BodyKind::kTunnel);
  CHECK(plain.head.authority == "db.internal:5432");
  CHECK(plain.head.upgrade.empty());

  const List websocket = {{":method", "CONNECT"}, {":protocol", "websocket"},
                          {":scheme", "https"},   {":authority", "h"},
                          {":path", "/chat"},     {"sec-websocket-version", "13"}};
  const Read extended(websocket, false);
  REQUIRE(extended.result);
  CHECK(extended.head.framing.kind == BodyKind::kTunnel);
  CHECK(extended.head.method == Method::kGet);
  CHECK(extended.head.method_text == "GET");
  CHECK(extended.head.target == "/chat");
  CHECK(extended.head.upgrade == "websocket");

  const struct {
    const char* name;
    List list;
  } refused[] = {
      {"no port", {{":method", "CONNECT"}, {":authority", "h"}}},
      {"a path", {{":method", "CONNECT"}, {":authority", "h:1"}, {":path", "/"}}},
      {"a scheme", {{":method", "CONNECT"}, {":authority", "h:1"}, {":scheme", "https"}}},
      {"no authority", {{":method", "CONNECT"}, {"host", "h:1"}}},
      {"another Host", {{":method", "CONNECT"}, {":authority", "h:1"}, {"host", "i:1"}}},
      {"a length", {{":method", "CONNECT"}, {":authority", "h:1"}, {"content-length", "5"}}},
      {"extended, no path",
       {{":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "https"}, {":authority", "h"}}},
      {"extended, no authority",
       {{":method", "CONNECT"},
        {":protocol", "websocket"},
        {":scheme", "https"},
        {":path", "/"},
        {"host", "h"}}},
      {"h2c",
       {{":method", "CONNECT"},
        {":protocol", "h2c"},
        {":scheme", "https"},
        {":authority", "h"},
        {":path", "/"}}},
      {"CRLF in :protocol",
       {{":method", "CONNECT"},
        {":protocol", "x\r\ny: z"},
        {":scheme", "https"},
        {":authority", "h"},
        {":path", "/"}}},
  };
  for (const auto& c : refused) {
    INFO(c.name);
    CHECK_FALSE(Read(c.list, false, allowing).result);
  }
}

TEST_CASE("What was accepted in HTTP/2 is accepted in HTTP/1, and says the same") {
  const List lists[] = {
      get(),
      get({{"accept", "*/*"}, {"cookie", "a"}, {"cookie", "b"}, {"x-empty", ""}}),
      with(":authority", "[2001:db8::1]:8443"),
      with(":path", "/%2e%2e/?q=%00"),
      without(":authority", {{"host", "example.org:80"}}),
  };
  for (const List& list : lists) {
    Read read(list);
    REQUIRE(read.result);
    drop_hop_by_hop(read.head);
    BufferPool pool;
    reseal::test::MemorySink sink(pool);
    write_request_head(read.head, sink.output());
    const std::string text = sink.take();
    INFO(text);
    const ParsedRequest again(text);
    REQUIRE(again.result);
    CHECK(again.head.target == read.head.target);
    CHECK(again.head.authority == read.head.authority);
  }
}

}  // namespace
}  // namespace reseal::http::test
