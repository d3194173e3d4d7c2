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
  const auto context = *tls::ServerContext::create(options, std::make_shared<tls::TicketKeys>(), nullptr);
  StreamUnderTest server(
      [&](std::unique_ptr<net::TcpStream> tcp) { return tls::TlsStream::accept(std::move(tcp), context); });
  RawPeer client({.server = false});
  std::vector<std::size_t> records;  // plaintext bytes of each, as the client reads them
  SSL_set_msg_callback_arg(&client.ssl(), &records);
  SSL_set_msg_callback(
      &client.ssl(), [](int sent, int, int type, const void* bytes, std::size_t size, SSL*, void* list) {
        constexpr std::size_t kHeader = 5, kTagAndType = 17;
        const auto* header = static_cast<const unsigned char*>(bytes);
        if (sent != 0 || type != SSL3_RT_HEADER || size != kHeader || header[0] != SSL3_RT_APPLICATION_DATA)
          return;
        static_cast<std::vector<std::size_t>*>(list)->push_back(header[3] * 256U + header[4] - kTagAndType);
      });
  const auto records_of = [&](std::size_t bytes) {
    server.turn([&] { server.stream->write(std::string(bytes, 'x')); });
    records.clear();
    exchange(server, client);
    return records;
  };
  exchange(server, client);
  using Sizes = std::vector<std::size_t>;
  // The first brings the ticket too, a record of its own.
  CHECK(records_of(100).back() == 100);
  CHECK(records_of(60 * 1024) == Sizes{4096, 4096, 4096, 16384, 16384, 16384});
  CHECK(records_of(32 * 1024) == Sizes{16384, 16384});
}
