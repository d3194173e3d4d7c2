// TlsStream as the client: what a server must show before it hears a word, and what is said when it does not.
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <catch2/catch.hpp>

#include "tls_test_support.h"

using namespace reseal;
using namespace reseal::test;

namespace {

constexpr const char* kRequest = "GET /secret HTTP/1.1\r\nhost: a\r\n\r\n";

std::shared_ptr<const tls::ClientContext> client_context(const tls::ClientContextOptions& options) {
  auto made = tls::ClientContext::create(options, nullptr);
  REQUIRE(made);
  return *made;
}

std::shared_ptr<const tls::ClientContext> trusting(const std::string& ca,
                                                   const std::string& certificate = "") {
  tls::ClientContextOptions options;
  options.ca = ca;
  options.certificate = certificate;
  return client_context(options);
}

tls::PeerIdentity expecting(const std::string& name) {
  return {name, name, "web/web1"};
}

StreamUnderTest::Make connecting(std::shared_ptr<const tls::ClientContext> context,
                                 const tls::PeerIdentity& peer, tls::SessionSlot* sessions = nullptr) {
  return [=, &peer](std::unique_ptr<net::TcpStream> tcp) {
    return tls::TlsStream::connect(std::move(tcp), context, peer, sessions);
  };
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server with the right certificate gets the request, whatever pieces its bytes come in") {
  const TestPki pki;
  const auto ours =
      pki.issue_file("lb.pem", {.common_name = "lb", .alternative_names = {}, .usage = "clientAuth"});
  const auto context = trusting(pki.ca_file(), ours);
  struct Case {
    const char* name;
    CertificateRequest certificate;
    const char* expected;
  };
  for (const Case& c : {
           Case{"exact", {.common_name = "web1", .alternative_names = "DNS:web1.internal"}, "web1.internal"},
           {"any case", {.common_name = "web1", .alternative_names = "DNS:WEB1.internal"}, "web1.Internal"},
           {"wildcard",
            {.common_name = "web1", .alternative_names = "DNS:*.web.internal"},
            "one.web.internal"},
           {"address", {.common_name = "web1", .alternative_names = "IP:10.0.0.11"}, "10.0.0.11"},
           {"IPv6", {.common_name = "web1", .alternative_names = "IP:2001:db8::1"}, "2001:db8::1"},
           {"RSA", {.common_name = "web1", .alternative_names = "DNS:a.b", .key = KeyKind::kRsa}, "a.b"},
           {"chain",
            {.common_name = "web1", .alternative_names = "DNS:a.b", .from_intermediate = true},
            "a.b"},
       }) {
    const auto file = pki.issue_file("server.pem", c.certificate);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      for (const std::size_t piece :
           {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{5}, std::size_t{6},
            std::size_t{7}, std::size_t{8}, std::size_t{16}, std::size_t{31}, kWhole}) {
        INFO(c.name << ", version " << version << ", pieces of " << piece);
        RawPeer server({.certificate = file, .client_ca = pki.ca_file(), .version = version});
        const auto peer = expecting(c.expected);
        StreamUnderTest client(connecting(context, peer));
        client.turn([&] { client.stream->write(kRequest); });
        exchange(client, server, piece);
        CHECK(client.events.log == "open ");
        CHECK(client.stream->is_open());
        CHECK(client.stream->version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
        CHECK(server.plaintext == kRequest);
        CHECK(server.peer_name() == "lb");
        CHECK(server.issuers_received() == 0);  // what its file holds: no root searched for and added
        server.write("answer");
        server.write(" more");
        exchange(client, server, piece);
        CHECK(client.events.data == "answer more");
      }
    }
  }
}

TEST_CASE("a server that cannot prove itself gets not one byte, and the log says why") {
  const TestPki pki("Test CA");
  const TestPki strangers("Other CA");
  struct Case {
    const char* name;
    CertificateRequest certificate;
    Code code;
    const char* said;
    const TestPki* issuer = nullptr;
  };
  const CertificateRequest good{.common_name = "web1", .alternative_names = "DNS:web1.rack.internal"};
  for (const Case& c : {
           Case{"other CA", good, Code::kServerCertificateUntrusted, "Other CA", &strangers},
           {"expired",
            {.common_name = "web1",
             .alternative_names = "DNS:web1.rack.internal",
             .valid_from_days = -9,
             .valid_until_days = -1},
            Code::kServerCertificateExpired,
            "has expired"},
           {"not yet valid",
            {.common_name = "web1", .alternative_names = "DNS:web1.rack.internal", .valid_from_days = 1},
            Code::kServerCertificateExpired,
            "not valid yet"},
           {"other name",
            {.common_name = "web1", .alternative_names = "DNS:web2.internal"},
            Code::kServerCertificateNameMismatch,
            "web2.internal"},
           {"the name in the CN only",
            {.common_name = "web1.rack.internal", .alternative_names = {}},
            Code::kServerCertificateNameMismatch,
            "for the names none"},
           {"the name in the CN, another in the SAN",
            {.common_name = "web1.rack.internal", .alternative_names = "DNS:x.internal"},
            Code::kServerCertificateNameMismatch,
            "x.internal"},
           {"a wildcard over a domain far above",
            {.common_name = "web1", .alternative_names = "DNS:*.internal"},
            Code::kServerCertificateNameMismatch,
            "*.internal"},
           {"a wildcard for names under this one",
            {.common_name = "web1", .alternative_names = "DNS:*.web1.rack.internal"},
            Code::kServerCertificateNameMismatch,
            "*.web1.rack.internal"},
           {"no partial wildcard",
            {.common_name = "web1", .alternative_names = "DNS:web*.rack.internal"},
            Code::kServerCertificateNameMismatch,
            "web*.rack.internal"},
           {"no wildcard over all",
            {.common_name = "web1", .alternative_names = "DNS:*"},
            Code::kServerCertificateNameMismatch,
            "names *"},
           {"an address where a name is expected",
            {.common_name = "web1", .alternative_names = "IP:10.0.0.11"},
            Code::kServerCertificateNameMismatch,
            "10.0.0.11"},
           {"a client's certificate",
            {.common_name = "web1", .alternative_names = "DNS:web1.rack.internal", .usage = "clientAuth"},
            Code::kServerCertificateInvalid,
            "purpose"},
       }) {
    const TestPki& issuer = c.issuer != nullptr ? *c.issuer : pki;
    const auto file = issuer.issue_file("server.pem", c.certificate);
    const auto context = trusting(pki.ca_file());
    const auto peer = expecting("web1.rack.internal");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      INFO(c.name << ", version " << version);
      RawPeer server({.certificate = file, .version = version});
      tls::SessionSlot sessions;
      StreamUnderTest client(connecting(context, peer, &sessions));
      client.turn([&] { client.stream->write(kRequest); });
      exchange(client, server);
      CHECK(client.events.log == "failure ");
      CHECK(code_word(client.events.failure.code) == code_word(c.code));
      CHECK(client.events.failure.origin == Origin::kServer);
      CHECK(client.events.failure.verify != 0);
      CHECK(server.plaintext.empty());
      CHECK_FALSE(server.handshake_done());
      CHECK(sessions.offer(*context, peer) == nullptr);
      const std::string text = client.stream->failure_text();
      INFO(text);
      CHECK(contains(text, c.said));
      CHECK(contains(text, "CN = " + c.certificate.common_name));
      if (c.code == Code::kServerCertificateNameMismatch) CHECK(contains(text, "web1.rack.internal"));
      if (c.code == Code::kServerCertificateUntrusted) CHECK(contains(text, pki.ca_file()));
    }
  }
}

TEST_CASE("a wildcard covers one label, and never a whole top-level domain") {
  const TestPki pki;
  const auto file = pki.issue_file(
      "a.pem", {.common_name = "web", .alternative_names = "DNS:*.rack.internal,DNS:*.internal"});
  const auto context = trusting(pki.ca_file());
  struct Case {
    const char* expected;
    bool opens;
  };
  for (const Case& c : {Case{"web1.rack.internal", true},
                        {"a.web1.rack.internal", false},
                        {"rack.internal", false},
                        {"internal", false}}) {
    INFO(c.expected);
    RawPeer server({.certificate = file});
    const auto peer = expecting(c.expected);
    StreamUnderTest client(connecting(context, peer));
    exchange(client, server);
    CHECK(client.events.log == (c.opens ? "open " : "failure "));
  }
}

TEST_CASE("an address is expected as an address: neither another one nor a name like it will do") {
  const TestPki pki;
  const auto context = trusting(pki.ca_file());
  const tls::PeerIdentity peer{"10.0.0.11", "", "web/web1"};
  for (const char* names : {"IP:10.0.0.12", "DNS:10.0.0.11"}) {
    INFO(names);
    RawPeer server(
        {.certificate = pki.issue_file("a.pem", {.common_name = "10.0.0.11", .alternative_names = names})});
    StreamUnderTest client(connecting(context, peer));
    exchange(client, server);
    CHECK(code_word(client.events.failure.code) == code_word(Code::kServerCertificateNameMismatch));
  }
}

TEST_CASE("an unverified server is used only where the configuration says so") {
  const TestPki pki;
  tls::ClientContextOptions options;
  options.verify = false;
  const auto context = client_context(options);
  const tls::PeerIdentity peer{"", "", "web/web1"};
  RawPeer server({.certificate = pki.issue_file("a.pem", {.common_name = "any", .alternative_names = {}})});
  StreamUnderTest client(connecting(context, peer));
  client.turn([&] { client.stream->write(kRequest); });
  exchange(client, server);
  CHECK(client.events.log == "open ");
  CHECK(server.plaintext == kRequest);
  // What fails later is not put down to the certificate.
  client.feed(std::string("\x17\x03\x03\x00\x13", 5) + "no such text sealed", kWhole);
  CHECK(code_word(client.events.failure.code) == code_word(Code::kServerTlsFailed));
  CHECK(client.events.failure.verify == 0);
}

TEST_CASE("what breaks off after the handshake is no longer put down to a server without TLS") {
  const TestPki pki;
  const auto context = trusting(pki.ca_file());
  const auto peer = expecting("web1.internal");
  RawPeer server({.certificate = pki.issue_file(
                      "a.pem", {.common_name = "a", .alternative_names = "DNS:web1.internal"})});
  StreamUnderTest client(connecting(context, peer));
  exchange(client, server);
  client.feed("HTTP/1.1 400 Bad Request\r\n\r\n", kWhole);
  CHECK(client.events.log == "open failure ");
  CHECK(code_word(client.events.failure.code) == code_word(Code::kServerTlsFailed));
}

TEST_CASE("a server's wish to renegotiate is refused") {
  const TestPki pki;
  const auto context = trusting(pki.ca_file());
  const auto peer = expecting("web1.internal");
  RawPeer server(
      {.certificate = pki.issue_file("a.pem", {.common_name = "a", .alternative_names = "DNS:web1.internal"}),
       .version = TLS1_2_VERSION});
  StreamUnderTest client(connecting(context, peer));
  exchange(client, server);
  REQUIRE(client.events.log == "open ");
  SSL_renegotiate(&server.ssl());
  SSL_do_handshake(&server.ssl());
  exchange(client, server);
  CHECK(server.failed);
}

TEST_CASE("whom to expect must be told, and be a whole name") {
  const TestPki pki;
  const auto context = trusting(pki.ca_file());
  for (const char* name : {"", ".internal"}) {
    INFO(name);
    const tls::PeerIdentity peer{name, "", "web/web1"};
    StreamUnderTest client(connecting(context, peer));
    client.turn([&] { client.stream->write(kRequest); });
    CHECK(client.events.log == "failure ");
    CHECK(client.events.failure.code == Code::kInternal);
    CHECK(client.take_output().empty());
  }
}

TEST_CASE("a server that refuses our certificate, or misses one, is understood") {
  const TestPki pki;
  const TestPki strangers("Other CA");
  const auto file =
      pki.issue_file("server.pem", {.common_name = "web1", .alternative_names = "DNS:web1.internal"});
  const auto peer = expecting("web1.internal");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool with_certificate : {false, true}) {
      INFO("version " << version << ", with certificate " << with_certificate);
      const std::string ours =
          with_certificate ? strangers.issue_file("lb.pem", {.common_name = "lb", .alternative_names = {}})
                           : "";
      RawPeer server({.certificate = file, .client_ca = pki.ca_file(), .version = version});
      StreamUnderTest client(connecting(trusting(pki.ca_file(), ours), peer));
      client.turn([&] { client.stream->write(kRequest); });
      exchange(client, server);
      // In TLS 1.3 the client is done before the server has judged its certificate.
      CHECK(client.events.log == (version == TLS1_3_VERSION ? "open failure " : "failure "));
      CHECK(code_word(client.events.failure.code) == code_word(Code::kServerRequiresCertificate));
      CHECK(server.plaintext.empty());
      const std::string text = client.stream->failure_text();
      INFO(text);
      CHECK(contains(text, with_certificate ? "refused our client certificate" : "tls.certificate"));
    }
  }
}

TEST_CASE("a server that does not speak TLS, or breaks off, is understood") {
  const TestPki pki;
  const auto context = trusting(pki.ca_file());
  const auto peer = expecting("web1.internal");
  struct Case {
    const char* name;
    std::string sent;
    bool ends;
    Code code;
  };
  for (const Case& c : {
           Case{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", true, Code::kServerPlaintext},
           {"SSH", "SSH-2.0-OpenSSH_9.2\r\n", false, Code::kServerPlaintext},
           {"zeros", std::string(64, '\0'), false, Code::kServerPlaintext},
           {"an end at once", "", true, Code::kServerTlsFailed},
           {"an end in a record", std::string("\x16\x03\x03\x00\x40\x02", 6), true, Code::kServerTlsFailed},
           {"an alert", std::string("\x15\x03\x03\x00\x02\x02\x28", 7), false, Code::kServerTlsFailed},
       }) {
    INFO(c.name);
    StreamUnderTest client(connecting(context, peer));
    client.turn([&] { client.stream->write(kRequest); });
    const std::string hello = client.take_output();
    CHECK_FALSE(hello.empty());
    CHECK_FALSE(contains(hello, "secret"));
    client.feed(c.sent, kWhole);
    if (c.ends) client.feed_end();
    CHECK(client.events.log == "failure ");
    CHECK(code_word(client.events.failure.code) == code_word(c.code));
    CHECK_FALSE(client.stream->failure_text().empty());
    CHECK_FALSE(contains(client.take_output(), "secret"));
  }
}

TEST_CASE("sessions are resumed, in TLS 1.2 and 1.3, also after a connection was cut") {
  const TestPki pki;
  const auto file =
      pki.issue_file("server.pem", {.common_name = "web1", .alternative_names = "DNS:web1.internal"});
  const auto ours = pki.issue_file("lb.pem", {.common_name = "lb", .alternative_names = {}});
  const auto context = trusting(pki.ca_file(), ours);
  const auto peer = expecting("web1.internal");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool cut : {false, true}) {
      INFO("version " << version << ", cut " << cut);
      const RawPeer settings({.certificate = file, .client_ca = pki.ca_file(), .version = version});
      tls::SessionSlot sessions;
      for (int round = 0; round < 4; ++round) {
        RawPeer server = settings.again();
        StreamUnderTest client(connecting(context, peer, &sessions));
        client.turn([&] { client.stream->write(kRequest); });
        exchange(client, server);
        CHECK(client.events.log == "open ");
        CHECK(server.plaintext == kRequest);
        CHECK(client.stream->resumed() == (round > 0));
        CHECK(server.peer_name() == "lb");
        client.turn([&] { cut ? client.stream->abort() : client.stream->close(); });
        server.receive(client.take_output());
        CHECK(server.got_close_notify() == !cut);
      }
    }
  }
}

TEST_CASE("a session is offered only under the settings and for the identity it was agreed under") {
  const TestPki pki;
  const auto file = pki.issue_file(
      "server.pem", {.common_name = "web1", .alternative_names = "DNS:web1.internal,DNS:web2.internal"});
  const auto context = trusting(pki.ca_file());
  const auto peer = expecting("web1.internal");
  RawPeer server({.certificate = file});
  tls::SessionSlot sessions;
  StreamUnderTest client(connecting(context, peer, &sessions));
  exchange(client, server);
  REQUIRE(sessions.offer(*context, peer) != nullptr);
  CHECK(sessions.offer(*trusting(pki.ca_file()), peer) != nullptr);  // made anew from the same

  CHECK(sessions.offer(*context, expecting("web2.internal")) == nullptr);
  CHECK(sessions.offer(*context, {"web1.internal", "web2.internal", "web/web1"}) == nullptr);
  CHECK(sessions.offer(*context, {"web2.internal", "web1.internal", "web/web1"}) == nullptr);
  const TestPki strangers("Other CA");
  CHECK(sessions.offer(*trusting(strangers.ca_file()), peer) == nullptr);
  tls::ClientContextOptions unverified;
  unverified.ca = pki.ca_file();
  unverified.verify = false;
  CHECK(sessions.offer(*client_context(unverified), peer) == nullptr);
  sessions.forget();
  CHECK(sessions.offer(*context, peer) == nullptr);
}

TEST_CASE("a session that the server does not know any more costs a full handshake, with full verification") {
  const TestPki pki;
  const auto file =
      pki.issue_file("server.pem", {.common_name = "web1", .alternative_names = "DNS:web1.internal"});
  const auto late = pki.issue_file("late.pem", {.common_name = "web1",
                                                .alternative_names = "DNS:web1.internal",
                                                .valid_from_days = -9,
                                                .valid_until_days = -1});
  const auto context = trusting(pki.ca_file());
  const auto peer = expecting("web1.internal");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls::SessionSlot sessions;
    {
      RawPeer server({.certificate = file, .version = version});
      StreamUnderTest client(connecting(context, peer, &sessions));
      exchange(client, server);
      REQUIRE(sessions.offer(*context, peer) != nullptr);
    }
    RawPeer restarted({.certificate = late, .version = version});
    StreamUnderTest client(connecting(context, peer, &sessions));
    exchange(client, restarted);
    CHECK(code_word(client.events.failure.code) == code_word(Code::kServerCertificateExpired));
  }
}
