// Limits on connections, with connections that are really opened: who gets one, who waits, and who is told when.
#include "backends/connection_pool.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "backends/admission.h"
#include "lb/http/h1_parser.h"
#include "tests/unit/backends/backend_bench.h"

using namespace reseal;
using namespace reseal::backends;
using Bench = test::BackendBench;
using Outcome = Admission::Outcome;
using test::run_until;

namespace {

struct Setup {
  std::uint32_t backend = 0;  // max_connections
  std::vector<std::uint32_t> servers;
  Duration pool_idle{600'000};
  std::size_t pool_size = 1024;
  std::uint32_t max_requests = 0;
};

struct Place {
  explicit Place(const Setup& setup, bool listens = true) : port(listens) {
    backend->name = "web";
    backend->counters = std::make_shared<stats::CounterSet>(2);
    backend->max_connections = setup.backend;
    backend->max_requests = setup.max_requests;
    for (std::size_t i = 0; i < setup.servers.size(); ++i) {
      auto server = std::make_shared<Server>();
      server->state =
          std::make_shared<ServerState>("web", "web" + std::to_string(i),
                                        *net::Address::parse("127.0.0.1", port.number()), 2, backend->state);
      server->backend_counters = backend->counters;
      server->max_connections = setup.servers[i];
      server->pool_idle = setup.pool_idle;
      server->pool_size = setup.pool_size;
      backend->servers.push_back(std::move(server));
    }
  }
  [[nodiscard]] std::uint32_t connections() const { return backend->state->connections.in_use(); }
  [[nodiscard]] std::uint32_t connections_of(std::size_t server) const {
    return backend->servers[server]->state->connections.in_use();
  }
  void set_down(std::size_t server, bool down = true) {
    backend->servers[server]->state->health = down ? Health::kDown : Health::kUp;
  }
  test::Port port;
  std::shared_ptr<Backend> backend = std::make_shared<Backend>();
};

/// A request that asks for admission and then for a connection, and holds it.
class Client final : AdmissionEvents, LeaseEvents, http::ResponseEvents {
 public:
  explicit Client(Place& place, Bench& bench)
      : place_(place), bench_(bench), request_(bench.loop.buffers()), response_(bench.loop.buffers()) {
    static int count = 0;
    target_ = "/" + std::to_string(++count);
    const std::string head = "GET " + target_ + " HTTP/1.1\r\nHost: a\r\n\r\n";
    REQUIRE(http::parse_request_head(request_.arena.copy(head), {}, request_));
  }
  Outcome ask(ConnectionNeeds needs = {}) {
    const net::Loop::Turn turn(bench_.loop);
    needs_ = needs;
    is_ready = is_admitted = has_failed = false;
    const auto outcome = admission_.ask(*bench_.local, {0, preferred, &tried, needs});
    if (outcome == Outcome::kAdmitted) acquire();
    return outcome;
  }
  /// The same, and until the connection is there.
  void get(ConnectionNeeds needs = {}) {
    REQUIRE(ask(needs) == Outcome::kAdmitted);
    run_until(bench_.loop, [this] { return is_ready; });
  }
  /// It is answered, and gives everything back.
  void release() {
    REQUIRE(is_ready);
    run_until(bench_.loop, [this] { return place_.port.answer(target_); });
    run_until(bench_.loop, [this] { return is_answered_; });
    give_up();
  }
  /// The same without an answer.
  void give_up() {
    const net::Loop::Turn turn(bench_.loop);
    lease_.release();
    admission_.release();
  }
  [[nodiscard]] std::uint32_t server() const { return admission_.server(); }

  TriedServers tried;
  std::optional<std::uint32_t> preferred;
  bool is_admitted = false;
  bool is_ready = false;
  bool has_failed = false;

 private:
  void acquire() {
    is_admitted = true;
    bench_.local->pool(server()).acquire(lease_, *this, needs_);
    if (lease_.is_ready()) on_lease_ready();
  }
  void on_admission() override {
    if (admission_.outcome() == Outcome::kAdmitted) acquire();
  }
  void on_lease_ready() override {
    is_ready = true;
    is_answered_ = false;
    lease_.open().send_head(request_, *this);
    lease_.writer().send_end({});
  }
  void on_lease_failed(const Error&) override {
    has_failed = true;
    admission_.release();
  }
  void on_lease_refused(const Error& error) override { on_lease_failed(error); }
  void on_lease_crowded_out() override {}
  http::ResponseHead& response_head() override {
    response_.reset();
    return response_;
  }
  void on_informational(http::ResponseHead&) override {}
  void on_response_head(http::ResponseHead&) override {}
  void on_response_body(std::string_view) override {}
  void on_response_end(std::span<http::Field>) override { is_answered_ = true; }
  void on_response_failed(const Error&) override {}
  void on_request_drained() override {}

  Place& place_;
  Bench& bench_;
  http::RequestHead request_;
  http::ResponseHead response_;
  std::string target_;
  bool is_answered_ = false;
  ConnectionNeeds needs_;
  Admission admission_{*this};
  Lease lease_;
};

}  // namespace

TEST_CASE("no more connections than the server's limit, and who waits gets the one that comes back") {
  Place place({.servers = {2}});
  Bench bench(place.backend);
  Client a(place, bench), b(place, bench), c(place, bench), d(place, bench);
  a.get();
  b.get();
  CHECK(c.ask() == Outcome::kWaiting);
  CHECK(d.ask() == Outcome::kWaiting);
  CHECK(place.connections_of(0) == 2);
  a.release();
  CHECK(c.is_ready);  // at once: it is the same connection
  CHECK_FALSE(d.is_admitted);
  CHECK(place.connections_of(0) == 2);
  b.release();
  CHECK(d.is_ready);
  CHECK(place.backend->servers[0]->state->counters.of(0).connections.value() == 2);
}

TEST_CASE("no more connections than the backend's limit, whichever of its servers they go to") {
  Place place({.backend = 2, .servers = {0, 0, 5}});
  Bench bench(place.backend);
  CHECK(bench.local->is_limited());
  Client a(place, bench), b(place, bench), c(place, bench);
  a.get();
  b.get();
  CHECK(a.server() != b.server());
  CHECK(c.ask() == Outcome::kWaiting);
  CHECK(place.connections() == 2);
  b.release();
  CHECK(c.is_ready);
  CHECK(c.server() == b.server());
  CHECK(place.connections() == 2);
}

TEST_CASE("a connection that fails or is given up while it is opened makes room for who waits") {
  for (const bool gives_up : {true, false}) {
    Place place({.backend = 1, .servers = {1}}, gives_up);
    Bench bench(place.backend);
    Client a(place, bench), b(place, bench);
    CHECK(a.ask() == Outcome::kAdmitted);
    CHECK(b.ask() == Outcome::kWaiting);
    if (gives_up) {
      a.give_up();
    } else {
      run_until(bench.loop, [&] { return a.has_failed; });
    }
    CHECK(b.is_admitted);
    run_until(bench.loop, [&] { return b.is_ready || b.has_failed; });
    CHECK(b.is_ready == gives_up);
    if (gives_up) b.release();
    CHECK(place.connections() == (gives_up ? 1 : 0));  // idle, or gone
    CHECK(place.connections_of(0) == place.connections());
    CHECK(bench.local->queue().is_empty());
  }
}

TEST_CASE("an idle connection that grows old, or that the pool has no place for, makes room") {
  const auto setup = GENERATE(Setup{.backend = 3, .servers = {1}, .pool_idle = Duration(5)},
                              Setup{.backend = 1, .servers = {3}, .pool_size = 0});
  Place place(setup);
  Bench bench(place.backend);
  Client a(place, bench);
  a.get();
  CHECK(place.connections() == 1);
  a.release();
  run_until(bench.loop, [&] { return place.connections() == 0; });
  CHECK(place.connections_of(0) == 0);
  CHECK(place.backend->servers[0]->state->counters.of(0).open_connections.value() == 0);
  CHECK(place.backend->counters->of(0).open_connections.value() == 0);
}

TEST_CASE("a request that needs a connection of its own takes the place of an idle one") {
  Place place({.servers = {1}});
  Bench bench(place.backend);
  Client a(place, bench), b(place, bench);
  a.get();
  a.release();
  ConnectionNeeds fresh;
  fresh.fresh = true;
  b.get(fresh);
  CHECK(place.connections_of(0) == 1);
  CHECK(place.backend->servers[0]->state->counters.of(0).connections.value() == 2);
}

TEST_CASE(
    "idle connections of a server that is down, or that has more than its share, are given up for another "
    "server") {
  Place place({.backend = 2, .servers = {0, 0}});
  Bench bench(place.backend);
  place.set_down(1);
  Client a(place, bench), b(place, bench), c(place, bench), d(place, bench);
  a.get();
  b.get();
  CHECK(c.ask() == Outcome::kWaiting);
  c.give_up();
  a.release();
  b.release();
  CHECK(place.connections_of(0) == 2);
  place.set_down(1, false);
  SECTION("a server without any gets one") {
    c.preferred = 1;
    c.get();
    CHECK(c.server() == 1);
    CHECK(place.connections_of(0) == 1);
    CHECK(place.connections() == 2);
    // Both have their share: what there is is used again.
    c.release();
    d.preferred = 1;
    d.get();
    CHECK(d.server() == 1);
    CHECK(c.ask() == Outcome::kAdmitted);
    CHECK(c.server() == 0);
    CHECK(place.backend->servers[1]->state->counters.of(0).connections.value() == 1);
    CHECK(place.backend->servers[0]->state->counters.of(0).connections.value() == 2);
  }
  SECTION("all of a server that is down may go") {
    place.set_down(0);
    c.get();
    d.get();
    CHECK(c.server() == 1);
    CHECK(d.server() == 1);
    CHECK(place.connections_of(0) == 0);
    CHECK(place.connections() == 2);
  }
  SECTION("but not beyond the other server's own limit") {
    place.backend->servers[1]->state->connections.set_most(1);
    c.preferred = d.preferred = 1;
    c.get();
    CHECK(c.server() == 1);
    d.get();
    CHECK(d.server() == 0);
    CHECK(place.connections() == 2);  // nothing was closed in vain
  }
}

TEST_CASE("the idle connection given up for another server is the one that is missed least") {
  Place place({.backend = 3, .servers = {0, 0, 0}});
  Bench bench(place.backend);
  Client a(place, bench), b(place, bench), c(place, bench), d(place, bench);
  d.preferred = 2;
  a.preferred = 0;
  b.preferred = 1;
  a.get();
  b.get();
  SECTION("of a server that is down") {
    place.backend->state->connections.set_most(2);
    a.release();
    b.release();
    place.set_down(1);
    d.get();
    CHECK(place.connections_of(0) == 1);
    CHECK(place.connections_of(1) == 0);
  }
  SECTION("or else of the server that has most") {
    c.preferred = 1;
    c.get();
    a.release();
    b.release();
    c.release();
    d.get();
    CHECK(place.connections_of(0) == 1);
    CHECK(place.connections_of(1) == 1);
  }
  CHECK(d.server() == 2);
}

TEST_CASE("a preferred server without a connection to spare costs its clients no place among its requests") {
  Place place({.servers = {1, 0}});
  Bench bench(place.backend);
  place.backend->servers[0]->state->requests.set_most(5);
  Client a(place, bench), b(place, bench), c(place, bench);
  a.preferred = b.preferred = c.preferred = 0;
  a.get();
  CHECK(a.server() == 0);
  b.get();
  CHECK(b.server() == 1);
  place.set_down(1);
  CHECK(c.ask() == Outcome::kWaiting);
  CHECK(place.backend->servers[0]->state->requests.in_use() == 1);
}

TEST_CASE("with room for one connection two servers do not take it from each other") {
  Place place({.backend = 1, .servers = {0, 0}});
  Bench bench(place.backend);
  for (int i = 0; i < 6; ++i) {
    Client client(place, bench);
    client.get();
    client.release();
  }
  CHECK(place.backend->counters->of(0).connections.value() == 1);
}

TEST_CASE("idle connections of another worker are given up for a request that waits for them") {
  const auto setup = GENERATE(Setup{.backend = 2, .servers = {0, 0}}, Setup{.servers = {1, 1}});
  Place place(setup);
  Bench one(place.backend, 0), other(place.backend, 1);
  Client a(place, one), b(place, one), c(place, other), d(place, other);
  a.get();
  b.get();
  a.release();
  CHECK(place.connections() == 2);
  CHECK(c.ask() == Outcome::kWaiting);
  {
    const net::Loop::Turn turn(one.loop);
  }  // is told there
  CHECK(place.connections() == 1);
  {
    const net::Loop::Turn turn(other.loop);
  }
  CHECK(c.is_admitted);
  CHECK(d.ask() == Outcome::kWaiting);
  {
    const net::Loop::Turn turn(one.loop);
  }
  CHECK_FALSE(d.is_admitted);  // b's is in use
  b.release();                 // and then idle, of which d is told
  {
    const net::Loop::Turn turn(other.loop);
  }
  {
    const net::Loop::Turn turn(one.loop);
  }
  {
    const net::Loop::Turn turn(other.loop);
  }
  CHECK(d.is_admitted);
  CHECK(place.connections() == 2);
}

TEST_CASE("a limit on connections that is configured while there are some counts them too") {
  Place place({.servers = {0}});
  Bench bench(place.backend);
  CHECK_FALSE(bench.local->is_limited());
  Client a(place, bench), b(place, bench);
  a.get();
  CHECK(place.connections_of(0) == 1);
  CHECK(place.connections() == 1);
  auto next = std::make_shared<Backend>(*place.backend);
  next->max_connections = 1;
  const net::Loop::Turn turn(bench.loop);
  LocalBackend after(next, bench.services, bench.random, bench.local.get());
  CHECK(place.backend->state->connections.is_set());
  CHECK_FALSE(place.backend->state->connections.has_room());
}

TEST_CASE("leases and users come out even, whatever becomes of a connection") {
  Place place({.servers = {0}});
  auto& counters = place.backend->servers[0]->state->counters.of(0);
  {
    Bench bench(place.backend);
    Client a(place, bench), b(place, bench), c(place, bench);
    a.get();
    CHECK(b.ask() == Outcome::kAdmitted);
    b.give_up();  // while it is opened
    c.get();
    CHECK(counters.in_flight.value() == 2);
    CHECK(bench.local->pool(0).size() == 2);
    a.release();
    CHECK(bench.local->pool(0).has_idle());
    c.release();
    CHECK(counters.in_flight.value() == 0);
    CHECK(bench.local->pool(0).size() == 2);
    const net::Loop::Turn turn(bench.loop);
    bench.local->make_room();  // nothing is limited: they stay
    CHECK(bench.local->pool(0).size() == 2);
    bench.local->pool(0).close_idle();
    CHECK(bench.local->pool(0).size() == 0);
  }
  CHECK(place.connections() == 0);
  CHECK(counters.open_connections.value() == 0);
}

TEST_CASE("what leads to an address where the server is not any more takes no further request") {
  Place place({.servers = {0}});
  Bench bench(place.backend);
  ServerState& state = *place.backend->servers[0]->state;
  Client idle(place, bench), busy(place, bench), next(place, bench);
  idle.get();
  busy.get();
  idle.release();
  CHECK(state.counters.of(0).connections.value() == 2);
  state.address.move_to(state.address.get());  // anywhere else is all the same to a pool
  next.get();
  CHECK(state.counters.of(0).connections.value() == 3);
  CHECK(state.counters.of(0).reuses.value() == 0);
  CHECK(place.connections() == 2);  // the idle one is gone
  busy.release();
  CHECK(place.connections() == 1);  // and this one is not kept
  next.release();
  CHECK(place.connections() == 1);
  idle.get();
  CHECK(state.counters.of(0).reuses.value() == 1);
}

TEST_CASE("a weight that is told beside the configured one holds") {
  Place place({.servers = {0, 0}});
  Bench bench(place.backend);
  place.backend->servers[0]->state->weight = 0;
  for (int i = 0; i < 4; ++i) CHECK(bench.local->choose(std::nullopt, TriedServers()) == 1U);
  place.backend->servers[0]->state->weight = kConfiguredWeight;
  int first = 0;
  for (int i = 0; i < 4; ++i) first += bench.local->choose(std::nullopt, TriedServers()) == 0U ? 1 : 0;
  CHECK(first == 2);
}
