// TlsStream as the server: resumption and its limits, and clients that misbehave.
#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include "tls_test_support.h"

using namespace reseal;
using namespace reseal::test;

namespace {

std::shared_ptr<const tls::ServerContext> server_context(const tls::ServerContextOptions& options,
                                                         std::shared_ptr<tls::TicketKeys> keys) {
  auto made = tls::ServerContext::create(options, std::move(keys), nullptr);
  REQUIRE(made);
  return *made;
}

StreamUnderTest::Make accepting(std::shared_ptr<const tls::ServerContext> context) {
  return [=](std::unique_ptr<net::TcpStream> tcp) { return tls::TlsStream::accept(std::move(tcp), context); };
}

tls::ServerContextOptions presenting(const std::string& file, const std::string& frontend = "web") {
  tls::ServerContextOptions options;
  options.certificates = {file};
  options.session_id_context = frontend;
  return options;
}

std::shared_ptr<const tls::ServerContext> context_of_a_example(const TestPki& pki) {
  return server_context(
      presenting(pki.issue_file("a.pem", {.common_name = "a", .alternative_names = "DNS:a.example"})),
      std::make_shared<tls::TicketKeys>());
}

/// A handshake of `client` with a stream of `context`, and an answer with which the next ticket comes; whether both agree
/// that it was resumed.
bool resumes(const std::shared_ptr<const tls::ServerContext>& context, const RawPeer& settings) {
  RawPeer client = settings.again();
  StreamUnderTest server(accepting(context));
  exchange(server, client);
  CHECK(server.events.log == "open ");
  CHECK(client.handshake_done());
  CHECK(client.resumed() == server.stream->resumed());
  server.turn([&] { server.stream->write("answer"); });
  exchange(server, client);
  CHECK(client.plaintext == "answer");
  client.keep_session();
  return client.resumed();
}

}  // namespace

TEST_CASE("clients are served whatever pieces their bytes come in") {
  const TestPki pki;
  const auto context = context_of_a_example(pki);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{5}, std::size_t{6},
          std::size_t{7}, std::size_t{8}, std::size_t{16}, std::size_t{31}, kWhole}) {
      INFO("version " << version << ", pieces of " << piece);
      RawPeer client({.server = false, .version = version, .sni = "a.example"});
      StreamUnderTest server(accepting(context));
      exchange(server, client, piece);
      CHECK(server.events.log == "open ");
      CHECK(server.stream->server_name() == "a.example");
      CHECK(server.stream->alpn().empty());
      // More than one record, and one that fills the largest.
      const std::string body(40000, 'x');
      client.write(body);
      exchange(server, client, piece);
      CHECK(server.events.data == body);
      server.turn([&] { server.stream->write("answer"); });
      exchange(server, client, piece);
      CHECK(client.plaintext == "answer");
    }
  }
}

TEST_CASE("what is written in a turn is one record and comes after the handshake") {
  const TestPki pki;
  auto options = presenting(pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}}));
  options.session_tickets = false;  // one would come in a record of its own before it
  const auto context = server_context(options, std::make_shared<tls::TicketKeys>());
  RawPeer client({.server = false});
  StreamUnderTest server(accepting(context));
  exchange(server, client);
  server.turn([&] {
    server.stream->write("HTTP/1.1 200 OK\r\n");
    server.stream->write("\r\n");
    server.stream->write("body");
    CHECK(server.take_output().empty());  // nothing goes out under the writer's feet
    CHECK(server.stream->unsent() == 23);
  });
  CHECK(server.stream->unsent() == 0);
  const std::string record = server.take_output();
  CHECK(record.size() == 5 + 23 + 1 + 16);  // header, text, type, tag
  client.receive(record);
  CHECK(client.plaintext == "HTTP/1.1 200 OK\r\n\r\nbody");
}

TEST_CASE("of what a client offers our first is taken, unless it prefers ChaCha20 itself") {
  const TestPki pki;
  const auto context = context_of_a_example(pki);
  const auto agreed = [&](int version, const char* offered) {
    RawPeer client({.server = false, .version = version});
    REQUIRE((version == TLS1_3_VERSION ? SSL_set_ciphersuites(&client.ssl(), offered)
                                       : SSL_set_cipher_list(&client.ssl(), offered)) == 1);
    StreamUnderTest server(accepting(context));
    exchange(server, client);
    CHECK(server.events.log == "open ");
    return std::string(SSL_get_cipher_name(&client.ssl()));
  };
  CHECK(
      agreed(TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256") ==
      "TLS_AES_128_GCM_SHA256");
  CHECK(agreed(TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256") ==
        "TLS_CHACHA20_POLY1305_SHA256");
  CHECK(agreed(TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384") == "TLS_AES_256_GCM_SHA384");
  CHECK(agreed(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256") ==
        "ECDHE-ECDSA-AES128-GCM-SHA256");
  CHECK(agreed(TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256") ==
        "ECDHE-ECDSA-CHACHA20-POLY1305");
}

TEST_CASE("clients resume by ticket, on any context of the same frontend") {
  const TestPki pki;
  const auto file = pki.issue_file("a.pem", {.common_name = "a", .alternative_names = "DNS:a.example"});
  const auto keys = std::make_shared<tls::TicketKeys>();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    INFO("version " << version);
    const RawPeer client({.server = false, .version = version, .sni = "a.example"});
    CHECK_FALSE(resumes(server_context(presenting(file), keys), client));
    CHECK(resumes(server_context(presenting(file), keys), client));
    CHECK(resumes(server_context(presenting(file), keys), client));
  }
}

TEST_CASE("a ticket comes in one piece with the first answer, and never without one") {
  const TestPki pki;
  const auto context = context_of_a_example(pki);
  RawPeer client({.server = false, .version = TLS1_3_VERSION});
  StreamUnderTest server(accepting(context));
  client.receive("");
  server.feed(client.take_output(), kWhole);
  client.receive(server.take_output());
  server.feed(client.take_output(), kWhole);
  CHECK(server.events.log == "open ");
  CHECK(server.take_output().empty());
  server.turn([&] { server.stream->write("answer"); });
  const std::string sent = server.take_output();
  CHECK(sent.size() > 200);  // the ticket's record and that of six bytes
  client.receive(sent);
  CHECK(client.plaintext == "answer");
  server.turn([&] { server.stream->write("answer"); });
  CHECK(server.take_output().size() < 40);
}

TEST_CASE("a session never resumes on another frontend") {
  const TestPki pki;
  const auto file = pki.issue_file("a.pem", {.common_name = "a", .alternative_names = "DNS:a.example"});
  const auto keys = std::make_shared<tls::TicketKeys>();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    INFO("version " << version);
    const RawPeer client({.server = false, .version = version});
    CHECK_FALSE(resumes(server_context(presenting(file, "public"), keys), client));
    CHECK_FALSE(resumes(server_context(presenting(file, "internal"), keys), client));
  }
}

TEST_CASE("tickets outlive two rotations of the keys and no more") {
  const TestPki pki;
  const auto file = pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const int rotations : {1, 2, 3}) {
      INFO("version " << version << ", rotations " << rotations);
      const auto keys = std::make_shared<tls::TicketKeys>();
      const auto context = server_context(presenting(file), keys);
      const RawPeer client({.server = false, .version = version});
      CHECK_FALSE(resumes(context, client));
      for (int i = 0; i < rotations; ++i) keys->rotate();
      CHECK(resumes(context, client) == (rotations < 3));
      // A ticket opened with an old key is replaced by one of the newest key.
      keys->rotate();
      CHECK(resumes(context, client));
    }
  }
}

TEST_CASE("without tickets nothing is resumed") {
  const TestPki pki;
  auto options = presenting(pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}}));
  options.session_tickets = false;
  const auto context = server_context(options, std::make_shared<tls::TicketKeys>());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const RawPeer client({.server = false, .version = version});
    CHECK_FALSE(resumes(context, client));
    CHECK_FALSE(resumes(context, client));
  }
}

TEST_CASE("versions below the configured are refused") {
  const TestPki pki;
  auto options = presenting(pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}}));
  options.min_version = tls::TlsVersion::kTls13;
  const auto context = server_context(options, std::make_shared<tls::TicketKeys>());
  RawPeer client({.server = false, .version = TLS1_2_VERSION});
  StreamUnderTest server(accepting(context));
  exchange(server, client);
  CHECK(server.events.log == "failure ");
  CHECK(code_word(server.events.failure.code) == code_word(Code::kClientTlsFailed));
  CHECK(server.events.failure.origin == Origin::kClient);
  CHECK(client.failed);  // it was told by an alert
}

TEST_CASE("what is not TLS ends the handshake as the client's failure") {
  const TestPki pki;
  const auto context =
      server_context(presenting(pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}})),
                     std::make_shared<tls::TicketKeys>());
  for (const std::string& sent : {std::string("GET / HTTP/1.1\r\nhost: a\r\n\r\n"), std::string(200, '\0'),
                                  std::string("\x16\x03\x01\xff\xff\x01", 6), std::string()}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, kWhole}) {
      INFO(sent << ", pieces of " << piece);
      StreamUnderTest server(accepting(context));
      server.turn([&] { server.stream->write("held back"); });
      server.feed(sent, piece);
      if (sent.empty()) server.feed_end();
      CHECK(server.events.log == "failure ");
      CHECK(code_word(server.events.failure.code) == code_word(Code::kClientTlsFailed));
      CHECK_FALSE(server.stream->failure_text().empty());
      CHECK(server.take_output().find("held back") == std::string::npos);
    }
  }
}

TEST_CASE("one client's failure leaves no trace on the next") {
  const TestPki pki;
  const auto context =
      server_context(presenting(pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}})),
                     std::make_shared<tls::TicketKeys>());
  RawPeer client({.server = false});
  StreamUnderTest good(accepting(context));
  exchange(good, client);
  StreamUnderTest bad(accepting(context));
  bad.feed("GET / HTTP/1.1\r\n\r\n", kWhole);
  CHECK(bad.events.log == "failure ");
  client.write("still here");
  exchange(good, client);
  good.turn([&] { good.stream->write("so am I"); });
  exchange(good, client);
  CHECK(good.events.log == "open ");
  CHECK(good.events.data == "still here");
  CHECK(client.plaintext == "so am I");
}

TEST_CASE("a client's wish to renegotiate is refused") {
  const TestPki pki;
  const auto context =
      server_context(presenting(pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}})),
                     std::make_shared<tls::TicketKeys>());
  RawPeer client({.server = false, .version = TLS1_2_VERSION});
  StreamUnderTest server(accepting(context));
  exchange(server, client);
  SSL_renegotiate(&client.ssl());
  exchange(server, client);
  CHECK_FALSE(client.handshake_done());
  CHECK(server.events.data.empty());
}
