#include "lb/proxy/websocket_handshake.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tls/websocket_key.h"

using namespace reseal;
using namespace reseal::proxy;

namespace {

constexpr const char* kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr const char* kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// One request for a WebSocket, and the response that opens it.
struct Pair {
  Pair(http::Version client, http::Version server) : request(pool), response(pool) {
    request.version = client;
    request.upgrade = "websocket";
    request.framing.kind = http::BodyKind::kTunnel;
    response.version = server;
    response.status = 101;
    response.framing.kind = http::BodyKind::kTunnel;
  }
  void answer(const std::string& accept) {
    response.add(http::FieldName::kOther, "Sec-WebSocket-Accept", response.arena.copy(accept));
  }
  [[nodiscard]] std::string sent_key() const {
    std::string key;
    for (const http::Field& field : request.fields) {
      if (!field.drop && field.name == "sec-websocket-key") key += std::string(field.value);
    }
    return key;
  }

  BufferPool pool;
  http::RequestHead request;
  http::ResponseHead response;
  WebSocketHandshake handshake;
};

constexpr auto k1 = http::Version::kHttp11;
constexpr auto k2 = http::Version::kHttp2;

}  // namespace

TEST_CASE("a client of HTTP/2 gets a server of HTTP/1.1 that answers a key of ours, or none") {
  struct Case {
    std::function<void(Pair&)> answer;
    bool right;
  };
  const Case cases[] = {
      {[](Pair& pair) { pair.answer(tls::websocket_accept(pair.sent_key())); }, true},
      {[](Pair&) {}, false},
      {[](Pair& pair) { pair.answer(kAccept); }, false},
      {[](Pair& pair) { pair.answer(""); }, false},
      {[](Pair& pair) { pair.answer(tls::websocket_accept(pair.sent_key()) + "="); }, false},
      {[](Pair& pair) {
         pair.answer(tls::websocket_accept(pair.sent_key()));
         pair.answer(kAccept);
       },
       false},
  };
  for (const Case& c : cases) {
    Pair pair(k2, k1);
    pair.request.add(http::FieldName::kOther, "sec-websocket-key", kKey);  // of no use in HTTP/2
    pair.handshake.begin(pair.request);
    REQUIRE(pair.sent_key().size() == 24);
    CHECK(pair.sent_key() != kKey);
    c.answer(pair);
    const auto done = pair.handshake.answered(pair.response);
    CHECK(done.has_value() == c.right);
    if (!done) CHECK(done.error().code == Code::kBadResponse);
  }
}

TEST_CASE("a client of HTTP/1.1 gets from a server of HTTP/2 the answer that it expects") {
  Pair pair(k1, k2);
  pair.request.add(http::FieldName::kOther, "sec-websocket-key", kKey);
  pair.handshake.begin(pair.request);
  CHECK(pair.sent_key() == kKey);
  REQUIRE(pair.handshake.answered(pair.response));
  REQUIRE(pair.response.fields.size() == 1);
  CHECK(pair.response.fields[0].value == kAccept);
}

TEST_CASE("two of HTTP/1.1 have it out between themselves, and what is no WebSocket is left alone") {
  Pair same(k1, k1);
  same.request.add(http::FieldName::kOther, "sec-websocket-key", kKey);
  same.answer("nonsense");
  same.handshake.begin(same.request);
  CHECK(same.sent_key() == kKey);
  CHECK(same.handshake.answered(same.response));
  CHECK(same.response.fields[0].value == "nonsense");

  Pair other(k2, k1);
  other.request.upgrade = "connect-udp";
  other.handshake.begin(other.request);
  CHECK(other.request.fields.empty());
  CHECK(other.handshake.answered(other.response));

  Pair refused(k2, k1);
  refused.handshake.begin(refused.request);
  refused.response.status = 403;
  refused.response.framing.kind = http::BodyKind::kLength;
  CHECK(refused.handshake.answered(refused.response));
}
