// The same bytes to reseal and to llhttp, the parser of Node.js. What reseal accepts, llhttp must accept and
// read the same way; where reseal refuses what llhttp accepts, the reason must be one of those listed here.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "lb/http/chunked_decoder.h"
#include "lb/http/h1_parser.h"
#include "tests/unit/http/http_test_support.h"
#include "tests/unit/http/llhttp_reader.h"
#include "tests/unit/http/message_mutator.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;

/// The first message of some bytes as reseal reads it.
struct OurMessage {
  std::string refused;  ///< why; "" when it is not
  bool head_complete = false;
  bool complete = false;
  Method method = Method::kGet;
  std::string method_text;
  std::string target;
  int status = 0;
  Version version = Version::kHttp11;
  std::vector<std::pair<std::string, std::string>> fields;
  Framing framing;
  std::string body;
  std::size_t consumed = 0;
};

void keep_fields(const MessageHead& head, OurMessage& message) {
  message.version = head.version;
  message.framing = head.framing;
  for (const Field& field : head.fields) message.fields.emplace_back(field.name, field.value);
}

void read_chunks(std::string_view bytes, Origin origin, OurMessage& message) {
  ChunkedDecoder decoder;
  decoder.reset(origin);
  std::size_t used = 0;
  while (used < bytes.size() && !decoder.done()) {
    const auto step = decoder.step(bytes.substr(used));
    if (!step) {
      message.refused = step.error().detail;
      return;
    }
    message.body.append(step->data);
    used += step->consumed;
  }
  message.complete = decoder.done();
  message.consumed += used;
}

void read_body(std::string_view bytes, Origin origin, OurMessage& message) {
  switch (message.framing.kind) {
    case BodyKind::kNone:
    case BodyKind::kTunnel:  // what follows is no body
      message.complete = true;
      return;
    case BodyKind::kUntilClose:
      message.body = bytes;
      return;
    case BodyKind::kChunked:
      read_chunks(bytes, origin, message);
      return;
    case BodyKind::kLength:
      message.body = bytes.substr(0, message.framing.length);
      message.complete = message.body.size() == message.framing.length;
      message.consumed += message.body.size();
      return;
  }
}

OurMessage read_with_reseal(std::string_view bytes, LlhttpKind kind) {
  OurMessage message;
  // The session's part: one empty line before a request is skipped.
  if (kind == LlhttpKind::kRequest && bytes.starts_with("\r\n")) message.consumed = 2;
  const std::size_t length = find_head_end(bytes.substr(message.consumed), 0);
  if (length == 0) return message;
  const std::string_view head = bytes.substr(message.consumed, length);
  message.consumed += length;
  if (kind == LlhttpKind::kRequest) {
    const ParsedRequest parsed(head);
    if (!parsed.result) {
      message.refused = parsed.result.error().detail;
      return message;
    }
    message.method = parsed.head.method;
    message.method_text = parsed.head.method_text;
    message.target = parsed.head.target;
    keep_fields(parsed.head, message);
  } else {
    const ParsedResponse parsed(head, kind == LlhttpKind::kResponse ? Method::kGet : Method::kHead);
    if (!parsed.result) {
      message.refused = parsed.result.error().detail;
      return message;
    }
    message.status = parsed.head.status;
    keep_fields(parsed.head, message);
  }
  message.head_complete = true;
  read_body(bytes.substr(message.consumed), kind == LlhttpKind::kRequest ? Origin::kClient : Origin::kServer,
            message);
  return message;
}

/// What reseal takes and llhttp does not, by llhttp's error. Each is harmless for the reason given.
bool accepted_on_purpose(const OurMessage& ours, const LlhttpMessage& theirs, std::string_view bytes) {
  // llhttp has a fixed list of methods; RFC 9110 9.1 has not.
  if (theirs.error == "HPE_INVALID_METHOD" || theirs.error == "HPE_PAUSED_H2_UPGRADE")
    return ours.method == Method::kOther;
  // Extensions need not be well-formed beyond holding no control character: they are skipped and never passed
  // on. A tab behind a length is white space like any other (RFC 9110 5.6.3); the length is written anew.
  if (theirs.error == "HPE_INVALID_CONTENT_LENGTH" && !theirs.head_complete) {
    return bytes.find('\t') != std::string_view::npos;
  }
  // Framing fields among the trailers are dropped like everything else that must not be there (RFC
  // 9110 6.5.1).
  const bool in_trailers = theirs.head_complete && ours.framing.kind == BodyKind::kChunked;
  if (in_trailers &&
      (theirs.error.ends_with("CONTENT_LENGTH") || theirs.error.ends_with("TRANSFER_ENCODING")))
    return true;
  const bool has_extension =
      ours.framing.kind == BodyKind::kChunked && bytes.find(';') != std::string_view::npos;
  return has_extension && (theirs.error == "HPE_STRICT" || theirs.error == "HPE_INVALID_CHUNK_SIZE");
}

/// Origin-form of a target in absolute-form, so that the two can be compared.
bool same_target(const OurMessage& ours, const std::string& theirs) {
  if (ours.target == theirs) return true;
  if (ours.target == "*") return ours.method == Method::kOptions && theirs.starts_with("http");
  return theirs.find("://") != std::string::npos &&
         (theirs.ends_with(ours.target) || ours.target == "/" ||
          ours.target.substr(1) == theirs.substr(theirs.find('?')));
}

void check_same_reading(const OurMessage& ours, const LlhttpMessage& theirs, LlhttpKind kind) {
  REQUIRE(theirs.head_complete);
  CHECK(ours.fields == theirs.fields);
  CHECK((ours.version == Version::kHttp11 ? 1 : 0) == theirs.minor_version);
  if (kind == LlhttpKind::kRequest) {
    CHECK(ours.method_text == theirs.method);
    CHECK(same_target(ours, theirs.target));
  } else {
    CHECK(ours.status == theirs.status);
  }
  if (ours.framing.kind != BodyKind::kNone) {
    CHECK((ours.framing.kind == BodyKind::kChunked) == theirs.chunked);
    CHECK((ours.framing.kind == BodyKind::kLength) == theirs.has_length);
    CHECK(ours.framing.length == theirs.length);
  }
  CHECK(ours.body == theirs.body);
  CHECK(ours.complete == theirs.complete);
  if (ours.complete && theirs.complete) CHECK(ours.consumed == theirs.consumed);
}

/// Why reseal refuses what llhttp accepts (the text of the error), with a message that llhttp accepts indeed.
struct Deliberate {
  std::string why;
  std::string example;
};

const Deliberate kRefusedRequests[] = {
    {"Transfer-Encoding in an HTTP/1.0 request",
     "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"a Transfer-Encoding other than chunked",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"more than one Transfer-Encoding",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"both Transfer-Encoding and Content-Length",  // an empty coding is no coding to llhttp
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nTransfer-Encoding:\r\n\r\n"},
    {"a bare LF ends a line", "GET / HTTP/1.1\nHost: h\r\nA: b\r\n\r\n"},
    {"a bare LF in the trailer section",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\nA: b\r\n\r\n"},
    {"an invalid trailer field",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n: b\r\n\r\n"},
    {"a field line without a colon", "GET / HTTP/1.1\r\nHost: h\r\n\n"},
    {"a field name with a character that is none of a token",
     "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c: d\r\n\r\n"},
    {"an empty field name", "GET / HTTP/1.1\r\nHost: h\r\n: b\r\n\r\n"},
    {"an expectation other than 100-continue", "GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n"},
    {"no Host in an HTTP/1.1 request", "GET / HTTP/1.1\r\n\r\n"},
    {"more than one Host", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"},
    {"an invalid Host", "GET / HTTP/1.1\r\nHost: h i\r\n\r\n"},
    {"an invalid host in the target", "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"the target and Host name different hosts", "GET http://g/ HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"a target that is neither a path nor an http URL", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"the target * is for OPTIONS only", "GET * HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"a character in the target that must not be there", "GET /#a HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"an invalid method", "\rGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"no target in the request line", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"no HTTP version in the request line", "GET /\r\nHost: h\r\n\r\n"},  // HTTP/0.9
    {"an HTTP version other than 1.0 and 1.1", "GET  /?HTTP/1.1\r\nHost: h\r\n\r\n"},
};

const Deliberate kRefusedResponses[] = {
    {"Transfer-Encoding in an HTTP/1.0 response",
     "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"a Transfer-Encoding other than chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"a body announced by a response that has none",
     "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"a bare LF ends a line", "HTTP/1.1 204 No Content\nA: b\r\n\r\n"},
    {"a bare LF in the trailer section",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\nA: b\r\n\r\n"},
    {"an invalid trailer field", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n: b\r\n\r\n"},
    {"a control character in the reason phrase", "HTTP/1.1 204 No\x08 Content\r\n\r\n"},
    {"a field line without a colon", "HTTP/1.1 204 No Content\r\nA: b\r\n\n"},
    {"a field name with a character that is none of a token",
     "HTTP/1.1 204 No Content\r\nA: b\r\n c: d\r\n\r\n"},
    {"an empty field name", "HTTP/1.1 204 No Content\r\n: b\r\n\r\n"},
    {"an invalid status code", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"},
    {"not an HTTP/1 status line", "\r\nHTTP/1.1 204 No Content\r\n\r\n"},
};

bool is_listed(std::span<const Deliberate> list, std::string_view why) {
  return std::any_of(list.begin(), list.end(), [why](const Deliberate& reason) { return reason.why == why; });
}

void check_examples(std::span<const Deliberate> list, LlhttpKind kind) {
  for (const Deliberate& reason : list) {
    INFO(reason.why);
    CHECK(read_with_reseal(reason.example, kind).refused == reason.why);
    CHECK(read_with_llhttp(reason.example, kind).complete);
  }
}

struct Tally {
  int accepted = 0;
  int refused_by_both = 0;
  std::map<std::string, std::string> refused_by_us;  // why, and the first such message
};

Tally compare_all(std::span<const std::string> seeds, LlhttpKind kind, int mutations) {
  Tally tally;
  const auto compare = [&](const std::string& bytes) {
    const OurMessage ours = read_with_reseal(bytes, kind);
    const LlhttpMessage theirs = read_with_llhttp(bytes, kind);
    INFO("message: " << Catch::StringMaker<std::string>::convert(bytes));
    INFO("llhttp: " << theirs.error);
    if (!ours.refused.empty()) {
      if (theirs.refused || !theirs.complete)
        ++tally.refused_by_both;
      else
        tally.refused_by_us.emplace(ours.refused, bytes);
      return;
    }
    if (!ours.head_complete) return;
    ++tally.accepted;
    if (theirs.refused && accepted_on_purpose(ours, theirs, bytes)) return;
    // Of a body that has not come in full, reseal may have to see the rest of a line to refuse it.
    if (theirs.refused && theirs.head_complete && !ours.complete) return;
    REQUIRE_FALSE(theirs.refused);
    check_same_reading(ours, theirs, kind);
  };
  for (const std::string& seed : seeds) compare(seed);
  MessageMutator mutator(seeds, 20260101);
  for (int i = 0; i < mutations; ++i) compare(mutator.next());
  return tally;
}

const std::string kRequestSeeds[] = {
    "GET /index.html?a=b HTTP/1.1\r\nHost: h.example\r\nUser-Agent: x y (z; w)\r\nAccept: */*\r\n\r\n",
    "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
    "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
    "chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
    "GET http://h:8080/abs?q HTTP/1.1\r\nHost: h:8080\r\nConnection: keep-alive, x\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\nCookie: a=b; c=d\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: "
    "close\r\n\r\nabcGET / HTTP/1.1\r\n",
    "\r\nDELETE /x HTTP/1.1\r\nHost: h\r\nEmpty:\r\nBlank: \t \r\n\r\n",
};

const std::string kResponseSeeds[] = {
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 5\r\nConnection: "
    "keep-alive\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;e\r\nhello\r\n00a\r\n0123456789\r\n0\r\nT: "
    "v\r\n\r\n",
    "HTTP/1.0 404 Not Found\r\nContent-Type: text/html; charset=x\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\nServer: x\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 7\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 500 \r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
};

constexpr int kMutations = 200000;

void compare_and_check(std::span<const std::string> seeds, LlhttpKind kind,
                       std::span<const Deliberate> deliberate) {
  const Tally tally = compare_all(seeds, kind, kMutations);
  // The comparison has compared something.
  CHECK(tally.accepted > kMutations / 10);
  CHECK(tally.refused_by_both > kMutations / 10);
  for (const auto& [why, example] : tally.refused_by_us) {
    INFO(Catch::StringMaker<std::string>::convert(example));
    INFO(why);
    CHECK(is_listed(deliberate, why));
  }
}

TEST_CASE("What is accepted as a request, llhttp accepts and reads the same way") {
  compare_and_check(kRequestSeeds, LlhttpKind::kRequest, kRefusedRequests);
}

TEST_CASE("What is accepted as a response, llhttp accepts and reads the same way") {
  compare_and_check(kResponseSeeds, LlhttpKind::kResponse, kRefusedResponses);
}

TEST_CASE("What is accepted as a response to HEAD, llhttp accepts and reads the same way") {
  compare_and_check(kResponseSeeds, LlhttpKind::kResponseToHead, kRefusedResponses);
}

TEST_CASE("Where reseal is stricter than llhttp, it is so on purpose") {
  check_examples(kRefusedRequests, LlhttpKind::kRequest);
  check_examples(kRefusedResponses, LlhttpKind::kResponse);
}

}  // namespace
}  // namespace reseal::http::test
