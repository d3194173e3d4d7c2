#include "tls/record_size.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tls_test_support.h"

using namespace reseal;
using namespace reseal::test;
using tls::RecordSize;
using namespace std::chrono_literals;

TEST_CASE("records are short for TCP's first flight, and again after a pause") {
  RecordSize size;
  TimePoint now = TimePoint{} + 1h;
  const auto send = [&](std::size_t bytes) {
    const std::size_t most = size.most(now);
    size.sent(std::min(bytes, most), now);
    return most;
  };
  for (int round = 0; round < 2; ++round) {
    CHECK(send(100) == RecordSize::kShort);
    for (std::size_t sent = 100; sent < RecordSize::kFirstFlight; sent += RecordSize::kShort) {
      CHECK(send(100'000) == RecordSize::kShort);
    }
    CHECK(send(100'000) == RecordSize::kLongest);
    now += 999ms;
    CHECK(send(100) == RecordSize::kLongest);
    now += 1s;
  }
}

TEST_CASE("small answers that follow each other are one flight") {
  RecordSize size;
  const TimePoint now = TimePoint{} + 1h;
  for (std::size_t sent = 0; sent < RecordSize::kFirstFlight; sent += 1024) {
    CHECK(size.most(now) == RecordSize::kShort);
    size.sent(1024, now);
  }
  CHECK(size.most(now) == RecordSize::kLongest);
}

TEST_CASE("what fits in TCP's first flight is sent in records that can be read as they arrive") {
  const TestPki pki;
  tls::ServerContextOptions options;
  options.certificates = {
      pki.issue_file("a.pem", {.common_name = "a", .alternative_names = "DNS:a.example"})};
  options.session_tickets = false;  // they are records too
  const auto context = *tls::ServerContext::create(options, std::make_shared<tls::TicketKeys>(), nullptr);
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  StreamUnderTest server(
      [&](std::unique_ptr<net::TcpStream> tcp) { return tls::TlsStream::accept(std::move(tcp), context); });
  RawPeer client({.server = false, .version = version});
  exchange(server, client);
  std::vector<std::size_t> records;  // as long as on the wire, as the client reads them
  SSL_set_msg_callback_arg(&client.ssl(), &records);
  SSL_set_msg_callback(
      &client.ssl(), [](int sent, int, int type, const void* bytes, std::size_t size, SSL*, void* list) {
        constexpr std::size_t kHeader = 5;
        const auto* header = static_cast<const unsigned char*>(bytes);
        if (sent != 0 || type != SSL3_RT_HEADER || size != kHeader) return;
        static_cast<std::vector<std::size_t>*>(list)->push_back(header[3] * 256U + header[4]);
      });
  const std::size_t added = version == TLS1_3_VERSION ? 17 : 24;  // type and tag; or nonce and tag
  const auto records_of = [&](std::size_t bytes, std::size_t piece) {
    server.turn([&] {
      for (std::size_t sent = 0; sent < bytes; sent += piece) server.stream->write(std::string(piece, 'x'));
    });
    exchange(server, client);
    REQUIRE(client.plaintext.size() == bytes);
    for (std::size_t& size : records) size -= added;
    return records;
  };
  using Sizes = std::vector<std::size_t>;
  SECTION("bulk, straight from where it lies") {
    CHECK(records_of(92 * 1024, 92 * 1024) == Sizes{4096, 4096, 4096, 16384, 16384, 16384, 16384, 16384});
  }
  SECTION("pieces that were queued, in chunks of 16 KiB") {
    CHECK(records_of(40 * 1024, 1024) == Sizes{4096, 4096, 4096, 4096, 16384, 8192});
  }
}
