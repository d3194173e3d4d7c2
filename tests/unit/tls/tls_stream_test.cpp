// TlsStream once it is open: ends and cuts, pauses, back-pressure, closing.
#include "tls/tls_stream.h"

#include <malloc.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "tls_test_support.h"

using namespace reseal;
using namespace reseal::test;

namespace {

/// Contexts for both ends, of one authority.
struct Contexts {
  TestPki pki;
  std::shared_ptr<const tls::ServerContext> server;
  std::shared_ptr<const tls::ClientContext> client;
  tls::PeerIdentity peer{"a.example", "a.example", "web/web1"};

  explicit Contexts(tls::TlsVersion version = tls::TlsVersion::kTls13) {
    tls::ServerContextOptions server_options;
    server_options.certificates = {
        pki.issue_file("a.pem", {.common_name = "a", .alternative_names = "DNS:a.example"})};
    server_options.max_version = version;
    server = *tls::ServerContext::create(server_options, std::make_shared<tls::TicketKeys>(), nullptr);
    tls::ClientContextOptions client_options;
    client_options.ca = pki.ca_file();
    client = *tls::ClientContext::create(client_options, nullptr);
  }

  [[nodiscard]] StreamUnderTest::Make accepting() const {
    return [this](std::unique_ptr<net::TcpStream> tcp) {
      return tls::TlsStream::accept(std::move(tcp), server);
    };
  }
};

/// Two streams on one loop, joined by a socket pair.
struct Pair {
  explicit Pair(const Contexts& contexts) {
    const auto fds = socket_pair();
    const net::Loop::Turn turn(loop);
    server = tls::TlsStream::accept(net::TcpStream::adopt(loop, fds[0], {}), contexts.server);
    client = tls::TlsStream::connect(net::TcpStream::adopt(loop, fds[1], {}), contexts.client, contexts.peer,
                                     nullptr);
    server->set_events(server_events);
    client->set_events(client_events);
  }

  void run_until(const std::function<bool()>& enough) {
    const auto stop = [&](std::string_view) {
      if (enough()) loop.stop();
    };
    server_events.then = client_events.then = stop;
    loop.run();
    server_events.then = client_events.then = nullptr;
    REQUIRE(enough());
  }

  net::Loop loop;
  Recorder server_events, client_events;
  std::unique_ptr<tls::TlsStream> server, client;
};

}  // namespace

TEST_CASE("an end in order is told apart from a cut") {
  const Contexts contexts;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    INFO("version " << version);
    const RawPeer settings({.server = false, .version = version});
    {
      RawPeer client = settings.again();
      StreamUnderTest server(contexts.accepting());
      exchange(server, client);
      client.write("last words");
      client.send_close_notify();
      exchange(server, client);
      server.feed_end();
      CHECK(server.events.data == "last words");
      CHECK(server.events.log == "open end ");
      // Half closed: the answer still goes out.
      server.turn([&] {
        server.stream->write("answer");
        server.stream->end();
      });
      client.receive(server.take_output());
      CHECK(client.plaintext == "answer");
      CHECK(client.got_close_notify());
      CHECK(server.events.log == "open end drained ");
    }
    RawPeer client = settings.again();
    StreamUnderTest server(contexts.accepting());
    exchange(server, client);
    client.write("cut");
    exchange(server, client);
    server.feed_end();
    CHECK(server.events.data == "cut");
    CHECK(server.events.log == "open failure ");
    CHECK(server.events.failure.origin == Origin::kClient);
    CHECK(std::string(server.events.failure.detail).find("close_notify") != std::string::npos);
  }
}

TEST_CASE("the end is told once, whatever follows it") {
  const Contexts contexts;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, kWhole}) {
    INFO("pieces of " << piece);
    RawPeer client({.server = false});
    StreamUnderTest server(contexts.accepting());
    exchange(server, client);
    client.write("before");
    const std::string record = client.take_output();
    client.send_close_notify();
    server.feed(record + client.take_output() + record + "garbage", piece);
    server.feed("more garbage", piece);
    server.feed_end();
    CHECK(server.events.log == "open end ");
    CHECK(server.events.data == "before");
  }
}

TEST_CASE("a record that was tampered with ends the connection before it reaches the owner") {
  const Contexts contexts;
  RawPeer client({.server = false});
  StreamUnderTest server(contexts.accepting());
  exchange(server, client);
  client.write("good");
  const std::string good = client.take_output();
  client.write("evil");
  std::string evil = client.take_output();
  evil[8] = static_cast<char>(evil[8] ^ 1);
  server.feed(good + evil, kWhole);
  CHECK(server.events.data == "good");
  CHECK(server.events.log == "open failure ");
  CHECK(code_word(server.events.failure.code) == code_word(Code::kClientTlsFailed));
  server.feed(good, kWhole);
  server.feed_end();
  CHECK(server.events.log == "open failure ");
}

TEST_CASE("after close() nothing is told, even for bytes received already") {
  const Contexts contexts;
  RawPeer client({.server = false});
  StreamUnderTest server(contexts.accepting());
  exchange(server, client);
  for (const char* text : {"one", "two", "three"}) client.write(text);
  server.events.then = [&](std::string_view) { server.stream->close(); };
  server.feed(client.take_output(), kWhole);
  CHECK(server.events.data == "one");
  CHECK(server.stream->is_closed());
  server.turn([&] {
    server.stream->close();
    server.stream->end();
    server.stream->write("dropped");
  });
  server.feed_end();
  CHECK(server.events.log == "open ");
  client.receive(server.take_output());
  CHECK(client.got_close_notify());
  CHECK(client.plaintext.empty());
}

TEST_CASE("closing at any event is safe") {
  const Contexts contexts;
  for (const std::string_view when : {"open ", "", "end ", "drained ", "failure "}) {
    INFO("at '" << when << "'");
    RawPeer client({.server = false});
    StreamUnderTest server(contexts.accepting());
    int told = 0;
    server.events.then = [&](std::string_view event) {
      if (event == "open ") server.stream->write(std::string(100000, 'x'));
      if (event != when) return;
      ++told;
      server.stream->close();
    };
    exchange(server, client);
    if (when == "failure ") {
      server.feed(std::string(100, 'x'), kWhole);
    } else {
      client.write("text");
      client.send_close_notify();
      server.feed(client.take_output(), kWhole);
    }
    CHECK(told == 1);
    CHECK(server.stream->is_closed());
  }
}

TEST_CASE("abort() says no goodbye that could be taken for an end in order") {
  const Contexts contexts;
  RawPeer client({.server = false});
  StreamUnderTest server(contexts.accepting());
  exchange(server, client);
  server.turn([&] { server.stream->abort(); });
  CHECK(server.take_output().empty());
  CHECK(server.stream->is_closed());
}

TEST_CASE("data and end() asked for before the handshake wait for it") {
  const Contexts contexts;
  RawPeer client({.server = false});
  StreamUnderTest server(contexts.accepting());
  server.turn([&] {
    server.stream->write("early");
    server.stream->end();
  });
  CHECK(server.take_output().empty());
  exchange(server, client);
  CHECK(client.plaintext == "early");
  CHECK(client.got_close_notify());
  CHECK(server.events.log == "open drained ");
}

TEST_CASE("a stream paused before its handshake completes it, and only then is silent") {
  const Contexts contexts;
  Pair pair(contexts);
  pair.server->pause_reading();
  pair.client->pause_reading();
  const auto both_open = [&] { return pair.server->is_open() && pair.client->is_open(); };
  pair.run_until(both_open);
  {
    const net::Loop::Turn turn(pair.loop);
    pair.client->write("question");
    pair.server->write("answer");
  }
  net::Timer tick = net::Timer::bind<&net::Loop::stop>(&pair.loop);
  {
    const net::Loop::Turn turn(pair.loop);
    pair.loop.start_timer(tick, Duration(20));
  }
  pair.loop.run();
  CHECK(pair.server_events.data.empty());
  CHECK(pair.client_events.data.empty());
  pair.server->resume_reading();
  pair.client->resume_reading();
  pair.run_until(
      [&] { return pair.server_events.data == "question" && pair.client_events.data == "answer"; });
}

TEST_CASE("a large transfer both ways arrives whole, and a writer that heeds the marks is held back") {
  constexpr std::size_t kTotal = 10 * 1024 * 1024;
  for (const auto version : {tls::TlsVersion::kTls12, tls::TlsVersion::kTls13}) {
    const Contexts contexts(version);
    Pair pair(contexts);
    pair.run_until([&] { return pair.server->is_open() && pair.client->is_open(); });
    CHECK(pair.client->version() == (version == tls::TlsVersion::kTls12 ? "TLSv1.2" : "TLSv1.3"));

    struct Writer {
      tls::TlsStream& stream;
      std::size_t sent = 0;
      std::size_t most_unsent = 0;
      int held_back = 0;
      void go() {
        for (std::string piece; sent < kTotal && !stream.is_backed_up(); sent += piece.size()) {
          piece.assign(std::min<std::size_t>(7001, kTotal - sent), static_cast<char>('a' + sent % 23));
          stream.write(piece);
        }
        if (sent < kTotal) ++held_back;
        most_unsent = std::max(most_unsent, stream.unsent());
      }
    };
    Writer from_server{*pair.server};
    Writer from_client{*pair.client};
    std::string expected;
    for (std::size_t sent = 0; sent < kTotal;) {
      const std::size_t size = std::min<std::size_t>(7001, kTotal - sent);
      expected.append(size, static_cast<char>('a' + sent % 23));
      sent += size;
    }
    const auto all_there = [&] {
      return pair.server_events.data.size() == kTotal && pair.client_events.data.size() == kTotal;
    };
    pair.server_events.then = [&](std::string_view event) {
      if (event == "drained ") from_server.go();
      if (all_there()) pair.loop.stop();
    };
    pair.client_events.then = [&](std::string_view event) {
      if (event == "drained ") from_client.go();
      if (all_there()) pair.loop.stop();
    };
    {
      const net::Loop::Turn turn(pair.loop);
      from_server.go();
      from_client.go();
    }
    pair.loop.run();
    CHECK((pair.server_events.data == expected));
    CHECK((pair.client_events.data == expected));
    for (const Writer* writer : {&from_server, &from_client}) {
      CHECK(writer->held_back > 10);
      CHECK(writer->most_unsent < tls::TlsStream::kHighWater + 8000);
    }
    CHECK(pair.server_events.failure.code == Code::kOk);
  }
}

TEST_CASE(
    "a writer that heeds no marks fills a queue of plaintext: little is encrypted ahead of the kernel") {
  const Contexts contexts;
  RawPeer client({.server = false});
  StreamUnderTest server(contexts.accepting());
  exchange(server, client);
  constexpr std::size_t kTotal = 4 * 1024 * 1024;
  server.turn([&] { server.stream->write(std::string(kTotal, 'x')); });
  CHECK(server.stream->is_backed_up());
  // What encryption has added so far tells how much has been encrypted: 22 bytes for each 16 KiB.
  const std::size_t added = server.stream->unsent() + server.take_output().size() - kTotal;
  CHECK(added > 0);
  CHECK(added < 40 * 22);
}

TEST_CASE("who is backed up behind bulk is told when that has drained, whatever was to be flushed first") {
  const Contexts contexts;
  RawPeer client({.server = false, .version = TLS1_2_VERSION});
  StreamUnderTest server(contexts.accepting());
  // Within the turn in which it completes the handshake of TLS 1.2 the TCP stream is to be flushed before this one is.
  server.events.then = [&](std::string_view event) {
    if (event != "open ") return;
    server.stream->write(std::string(8 * 1024, 'x'));
    while (!server.stream->is_backed_up()) server.stream->write(std::string(7 * 1024, 'y'));
  };
  exchange(server, client);
  CHECK(server.events.log == "open drained ");
  CHECK(client.plaintext == std::string(8 * 1024, 'x') + std::string(8 * 7 * 1024, 'y'));
}

TEST_CASE("nor does it depend on how much of it the kernel takes at once") {
  const Contexts contexts;
  RawPeer client({.server = false, .version = TLS1_2_VERSION});
  StreamUnderTest server([&](std::unique_ptr<net::TcpStream> tcp) {
    const int room = 8 * 1024;
    REQUIRE(::setsockopt(tcp->descriptor(), SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) == 0);
    return contexts.accepting()(std::move(tcp));
  });
  std::size_t written = 0;
  const auto write = [&](std::size_t size) {
    server.stream->write(std::string(size, 'x'));
    written += size;
  };
  server.events.then = [&](std::string_view event) {
    if (event != "open ") return;
    write(30 * 1024);
    while (!server.stream->is_backed_up()) write(7 * 1024);
  };
  exchange(server, client);
  while (client.plaintext.size() < written) {
    uv_run(server.loop.native(), UV_RUN_NOWAIT);
    const std::string sent = server.take_output();
    REQUIRE_FALSE(sent.empty());
    client.receive(sent);
  }
  CHECK(server.events.log == "open drained ");
}

TEST_CASE("bulk and what is written around it arrive in order") {
  const Contexts contexts;
  RawPeer client({.server = false});
  StreamUnderTest server(contexts.accepting());
  exchange(server, client);
  std::string expected;
  server.turn([&] {
    // The first of them at an empty queue, later ones behind something that waits.
    for (const std::size_t size : {40'000, 5, 20'000, 8 * 1024, 1, 16 * 1024}) {
      const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
      server.stream->write(piece);
      expected += piece;
    }
  });
  exchange(server, client);
  CHECK(client.plaintext == expected);
  CHECK(server.loop.buffers().in_use() == 0);
}

TEST_CASE("an open stream with nothing to say holds no buffer") {
  const Contexts contexts;
  RawPeer client({.server = false});
  StreamUnderTest server(contexts.accepting());
  exchange(server, client);
  client.write("question");
  exchange(server, client);
  // What the loop keeps for all of them is not counted.
  std::array<Chunk*, 4> kept{};
  for (Chunk*& chunk : kept) chunk = server.loop.buffers().take();
  for (Chunk* chunk : kept) server.loop.buffers().give_back(chunk);
  const std::size_t before = ::mallinfo2().uordblks;
  server.turn([&] { server.stream->write("answer"); });
  // With the first answer comes a ticket, for which OpenSSL takes a buffer of 16 KiB. (A sanitizer's allocator tells
  // nothing.)
  CHECK(::mallinfo2().uordblks < before + 8 * 1024);
  exchange(server, client);
  CHECK(client.plaintext == "answer");
  CHECK(server.loop.buffers().in_use() == 0);
}
