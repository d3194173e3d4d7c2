#include "lb/http/compression_policy.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

const CompressionPolicy kPolicy{{Coding::kBrotli, Coding::kGzip}, {"text/*", "application/json"}};

constexpr std::string_view kAsks = "Accept-Encoding: gzip\r\n";

/// "gzip A=b;C=d; chunked": the coding that is chosen and the head that the client gets.
std::string outcome(std::string_view request_fields, std::string_view status_and_fields,
                    std::string_view method = "GET", std::string_view version = "1.1") {
  ParsedRequest request(std::string(method) + " / HTTP/" + std::string(version) + "\r\nHost: h\r\n" +
                        std::string(request_fields) + "\r\n");
  REQUIRE(request.result);
  ParsedResponse response("HTTP/1.1 " + std::string(status_and_fields) + "\r\n", request.head.method);
  REQUIRE(response.result);
  response.head.drop(FieldName::kContentLength);
  response.head.drop(FieldName::kTransferEncoding);
  const Coding coding = choose_coding(kPolicy, request.head, response.head);
  if (coding != Coding::kIdentity) state_coding(coding, request.head.method, response.head);
  return std::string(coding_name(coding)) + " " + fields_text(response.head.fields) + " " +
         framing_text(response.head.framing);
}

TEST_CASE("A response of a type that is compressed is, for a client that takes it") {
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n") ==
        "gzip Content-Type=text/html;Vary=Accept-Encoding;Content-Encoding=gzip; chunked");
  CHECK(outcome("Accept-Encoding: gzip, br\r\n",
                "404 Not Found\r\nContent-Type: Application/JSON ; charset=utf-8\r\n"
                "Transfer-Encoding: chunked\r\n") ==
        "br Content-Type=Application/JSON ; charset=utf-8;Vary=Accept-Encoding;Content-Encoding=br; chunked");
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: TEXT/css\r\n") ==
        "gzip Content-Type=TEXT/css;Vary=Accept-Encoding;Content-Encoding=gzip; chunked");
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/css\r\nContent-Encoding: identity\r\n") ==
        "gzip Content-Type=text/css;Vary=Accept-Encoding;Content-Encoding=gzip; chunked");
}

TEST_CASE("The head of a compressed response tells of the new bytes") {
  CHECK(outcome(kAsks,
                "200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\nETag: \"abc\"\r\n"
                "Accept-Ranges: bytes\r\nLast-Modified: x\r\n") ==
        "gzip Content-Type=text/html;ETag=W/\"abc\";Last-Modified=x;Vary=Accept-Encoding;"
        "Content-Encoding=gzip; chunked");
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\nETag: W/\"abc\"\r\nVary: Cookie\r\n") ==
        "gzip Content-Type=text/html;ETag=W/\"abc\";Vary=Cookie;Vary=Accept-Encoding;Content-Encoding=gzip; "
        "chunked");
  // A tag without quotes is none, and has no weak form.
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\nETag: abc\r\n") ==
        "gzip Content-Type=text/html;Vary=Accept-Encoding;Content-Encoding=gzip; chunked");
  for (const char* vary : {"accept-encoding", "*", "Cookie, Accept-Encoding"}) {
    CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\nVary: " + std::string(vary) + "\r\n") ==
          "gzip Content-Type=text/html;Vary=" + std::string(vary) + ";Content-Encoding=gzip; chunked");
  }
}

TEST_CASE("What could have been compressed says so with Vary") {
  const std::string varied = "identity Content-Type=text/html;Vary=Accept-Encoding; until close";
  CHECK(outcome("", "200 OK\r\nContent-Type: text/html\r\n") == varied);
  CHECK(outcome("Accept-Encoding: deflate\r\n", "200 OK\r\nContent-Type: text/html\r\n") == varied);
  CHECK(outcome("Accept-Encoding: gzip;q=0\r\n", "200 OK\r\nContent-Type: text/html\r\n") == varied);
  CHECK(outcome("Accept-Encoding: gzip\r\nCache-Control: No-Transform\r\n",
                "200 OK\r\nContent-Type: text/html\r\n") == varied);
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\n", "GET", "1.0") == varied);
  CHECK(outcome(kAsks, "206 P\r\nContent-Type: text/html\r\nContent-Range: bytes 0-5000/9000\r\n") ==
        "identity Content-Type=text/html;Content-Range=bytes 0-5000/9000;Vary=Accept-Encoding; until close");
  CHECK(outcome(kAsks, "416 R\r\nContent-Type: text/html\r\ncontent-range: bytes */9000\r\n") ==
        "identity Content-Type=text/html;content-range=bytes */9000;Vary=Accept-Encoding; until close");
}

TEST_CASE("What is not to be compressed stays as it is") {
  const std::pair<std::string, std::string> cases[] = {
      {"200 OK\r\nContent-Type: text/html\r\nContent-Length: 1023\r\n",
       "Content-Type=text/html; length 1023"},
      {"200 OK\r\nContent-Length: 5000\r\n", " length 5000"},
      {"200 OK\r\nContent-Type: image/png\r\n", "Content-Type=image/png; until close"},
      {"200 OK\r\nContent-Type: text\r\n", "Content-Type=text; until close"},
      {"200 OK\r\nContent-Type: text/\r\n", "Content-Type=text/; until close"},
      {"200 OK\r\nContent-Type: application/jsonx\r\n", "Content-Type=application/jsonx; until close"},
      {"200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\n",
       "Content-Type=text/html;Content-Encoding=br; until close"},
      {"200 OK\r\nContent-Type: text/html\r\nContent-Encoding: identity\r\nContent-Encoding: gzip\r\n",
       "Content-Type=text/html;Content-Encoding=identity;Content-Encoding=gzip; until close"},
      {"200 OK\r\nContent-Type: text/html\r\nCache-Control: max-age=5\r\nCache-Control: private, "
       "No-Transform\r\n",
       "Content-Type=text/html;Cache-Control=max-age=5;Cache-Control=private, No-Transform; until close"},
      {"200 OK\r\nContent-Type: text/html\r\ncontent-digest: sha-256=:x:\r\n",
       "Content-Type=text/html;content-digest=sha-256=:x:; until close"},
      {"200 OK\r\nContent-Type: text/html\r\nRepr-Digest: sha-256=:x:\r\n",
       "Content-Type=text/html;Repr-Digest=sha-256=:x:; until close"},
      {"200 OK\r\nContent-Type: text/html\r\nDigest: sha-256=x\r\n",
       "Content-Type=text/html;Digest=sha-256=x; until close"},
      {"200 OK\r\nContent-Type: text/html\r\nContent-MD5: x\r\n",
       "Content-Type=text/html;Content-MD5=x; until close"},
      {"204 No\r\nContent-Type: text/html\r\n", "Content-Type=text/html; none"},
      {"205 Reset\r\nContent-Type: text/html\r\n", "Content-Type=text/html; until close"},
      {"103 Hints\r\nContent-Type: text/html\r\n", "Content-Type=text/html; none"},
  };
  for (const auto& [response, left] : cases) {
    INFO(response);
    CHECK(outcome(kAsks, response) == "identity " + left);
  }
}

TEST_CASE("HEAD is answered with the fields of GET") {
  const std::string compressed =
      "gzip Content-Type=text/html;ETag=W/\"a\";Vary=Accept-Encoding;"
      "Content-Encoding=gzip; none";
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\nETag: \"a\"\r\nContent-Length: 5000\r\n",
                "HEAD") == compressed);
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\nETag: \"a\"\r\n", "HEAD") == compressed);
  CHECK(outcome("", "200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n", "HEAD") ==
        "identity Content-Type=text/html;Vary=Accept-Encoding; none(5000)");
  CHECK(outcome(kAsks, "200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n", "HEAD") ==
        "identity Content-Type=text/html; none(10)");
}

TEST_CASE("A 304 names the tag that the client has") {
  const auto not_modified = [](const std::string& if_none_match, const std::string& fields) {
    return outcome(std::string(kAsks) + "If-None-Match: " + if_none_match + "\r\n", "304 N\r\n" + fields);
  };
  CHECK(not_modified("W/\"abc\"", "ETag: \"abc\"\r\n") ==
        "identity ETag=W/\"abc\";Vary=Accept-Encoding; none");
  CHECK(not_modified("\"x\", W/\"abc\"", "ETag: \"abc\"\r\n") ==
        "identity ETag=W/\"abc\";Vary=Accept-Encoding; none");
  CHECK(not_modified("\"abc\"", "ETag: \"abc\"\r\n") == "identity ETag=\"abc\";Vary=Accept-Encoding; none");
  CHECK(not_modified("W/\"x\"", "ETag: \"abc\"\r\n") == "identity ETag=\"abc\";Vary=Accept-Encoding; none");
  CHECK(not_modified("W/\"abc\"", "ETag: W/\"abc\"\r\n") ==
        "identity ETag=W/\"abc\";Vary=Accept-Encoding; none");
  CHECK(not_modified("W/\"abc\"", "ETag: \"abc\"\r\nContent-Type: image/png\r\n") ==
        "identity ETag=\"abc\";Content-Type=image/png; none");
}

}  // namespace
}  // namespace reseal::http::test
