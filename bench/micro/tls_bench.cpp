// TLS 1.3 between two of our own streams, the accepting and the connecting kind, over a socket pair: handshakes, and bytes
// there. Both ends and the kernel are in the figures.
#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "bench/micro/measuring.h"
#include "tests/support/test_pki.h"
#include "tls/tls_stream.h"

namespace reseal::bench {
namespace {

/// Contexts for both ends, of one authority.
struct Contexts {
  Contexts() {
    tls::ServerContextOptions server_options;
    server_options.certificates = {
        pki.issue_file("server.pem", {.common_name = "a", .alternative_names = "DNS:a.example"})};
    server = *tls::ServerContext::create(server_options, std::make_shared<tls::TicketKeys>(), nullptr);
    tls::ClientContextOptions client_options;
    client_options.ca = pki.ca_file();
    client = *tls::ClientContext::create(client_options, nullptr);
  }
  test::TestPki pki;
  std::shared_ptr<const tls::ServerContext> server;
  std::shared_ptr<const tls::ClientContext> client;
  tls::PeerIdentity peer{"a.example", "a.example", "web/web1"};
};

/// One end's owner: counts what comes and calls `then` after it.
struct End final : net::StreamEvents {
  void on_open() override { open = true; }
  void on_data(std::string_view bytes) override {
    received += bytes.size();
    if (then) then();
  }
  void on_end() override {}
  void on_drained() override {}
  void on_failure(const Error& error) override { require(false, error.detail); }
  bool open = false;
  std::size_t received = 0;
  std::function<void()> then;
};

/// Two streams on one loop, joined by a socket pair.
struct Pair {
  Pair(net::Loop& of, const Contexts& contexts, tls::SessionSlot* sessions) : loop(of) {
    std::array<int, 2> sockets{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets.data()) == 0,
            "no socket pair");
    const net::Loop::Turn turn(loop);
    server = tls::TlsStream::accept(net::TcpStream::adopt(loop, sockets[0], {}), contexts.server);
    client = tls::TlsStream::connect(net::TcpStream::adopt(loop, sockets[1], {}), contexts.client,
                                     contexts.peer, sessions);
    server->set_events(server_end);
    client->set_events(client_end);
  }
  /// The client sends one byte and is answered by one: the handshake is over on both ends, and a ticket, which comes
  /// with the answer, is kept.
  void say_hello() {
    server_end.then = [this] { server->write("s"); };
    client_end.then = [this] { loop.stop(); };
    {
      const net::Loop::Turn turn(loop);
      client->write("c");
    }
    loop.run();
    require(server_end.open && client_end.open, "the handshake is not complete");
  }

  net::Loop& loop;
  End server_end, client_end;
  std::unique_ptr<tls::TlsStream> server, client;
};

/// A connection made, one byte each way, and closed.
void tls_handshake(benchmark::State& state, bool resumed) {
  const Contexts contexts;
  net::Loop loop;
  tls::SessionSlot sessions;
  if (resumed) Pair(loop, contexts, &sessions).say_hello();
  const CountAllocations counted(state);
  for (auto _ : state) {
    Pair pair(loop, contexts, resumed ? &sessions : nullptr);
    pair.say_hello();
    require(pair.server->resumed() == resumed && pair.client->resumed() == resumed,
            "the session is resumed when it should not be, or not when it should");
  }
  report_items(state);
}
BENCHMARK_CAPTURE(tls_handshake, full, false);
BENCHMARK_CAPTURE(tls_handshake, resumed, true);

/// One write of the given size, until it is read at the other end.
void tls_record(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'b');
  const Contexts contexts;
  net::Loop loop;
  Pair pair(loop, contexts, nullptr);
  pair.say_hello();
  End& reader = pair.client_end;
  std::size_t wanted = reader.received;
  reader.then = [&] {
    if (reader.received == wanted) loop.stop();
  };
  const CountAllocations counted(state);
  for (auto _ : state) {
    wanted += bytes.size();
    {
      const net::Loop::Turn turn(loop);
      pair.server->write(bytes);
    }
    loop.run();
    require(reader.received == wanted, "bytes are missing");
  }
  report_bytes(state, bytes.size());
}
BENCHMARK(tls_record)->Arg(1024)->Arg(16 * 1024);

}  // namespace
}  // namespace reseal::bench
