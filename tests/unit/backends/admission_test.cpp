// Admission, queue and limits together, on the loops of one or several workers, with no connection opened.
#include "backends/admission.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "backends/backend.h"
#include "tests/unit/backends/backend_bench.h"

using namespace reseal;
using namespace reseal::backends;

namespace {

struct Limits {
  std::uint32_t backend = 0;
  std::vector<std::uint32_t> servers;
  std::vector<bool> backup{};
  std::uint32_t queue_length = 1000;
};

std::shared_ptr<Backend> make_backend(const Limits& limits, int workers = 1, const Backend* old = nullptr) {
  auto backend = std::make_shared<Backend>();
  backend->name = "web";
  backend->counters = std::make_shared<stats::CounterSet>(workers);
  backend->state = old != nullptr ? old->state : std::make_shared<BackendState>();
  backend->max_requests = limits.backend;
  backend->queue_length = limits.queue_length;
  for (std::size_t i = 0; i < limits.servers.size(); ++i) {
    auto server = std::make_shared<Server>();
    server->state =
        old != nullptr && i < old->servers.size()
            ? old->servers[i]->state
            : std::make_shared<ServerState>("web", "web" + std::to_string(i),
                                            *net::Address::parse("127.0.0.1", 1), workers, backend->state);
    server->backend_counters = backend->counters;
    server->max_requests = limits.servers[i];
    server->backup = i < limits.backup.size() && limits.backup[i];
    backend->servers.push_back(std::move(server));
  }
  return backend;
}

using Bench = test::BackendBench;

struct Request final : AdmissionEvents {
  explicit Request(Bench& owner, std::string* journal = nullptr, char letter = '?')
      : bench(owner), order(journal), name(letter) {}
  Admission::Outcome ask(bool repeated = false) {
    const net::Loop::Turn turn(bench.loop);
    ConnectionNeeds needs;
    needs.fresh = repeated;
    const auto outcome = admission.ask(*bench.local, {0, preferred, &tried, needs, repeated});
    if (outcome == Admission::Outcome::kAdmitted && order != nullptr) *order += name;
    return outcome;
  }
  void release() {
    const net::Loop::Turn turn(bench.loop);
    admission.release();
  }
  void on_admission() override {
    told = true;
    if (order != nullptr && admission.outcome() == Admission::Outcome::kAdmitted) *order += name;
  }
  Bench& bench;
  std::string* order;
  char name;
  bool told = false;
  std::optional<std::uint32_t> preferred;
  TriedServers tried;
  Admission admission{*this};
};

using Outcome = Admission::Outcome;

}  // namespace

TEST_CASE("a limit gives as much as it says, and again what came back") {
  Limit limit;
  WaitQueue queue;
  limit.set_most(2);
  Slot a = Slot::take(limit, queue);
  Slot b = Slot::take(limit, queue);
  CHECK(a.is_held());
  CHECK(b.is_held());
  CHECK_FALSE(Slot::take(limit, queue).is_held());
  CHECK_FALSE(limit.has_room());
  Slot moved = std::move(a);
  CHECK_FALSE(limit.has_room());
  moved.release();
  CHECK(limit.in_use() == 1);
  limit.set_most(1);
  CHECK_FALSE(Slot::take(limit, queue).is_held());
  limit.set_most(0);
  CHECK(Slot::take(limit, queue).is_held());
}

TEST_CASE("many threads that take and give back at the same time never have more than the limit") {
  constexpr int kThreads = 4;
  constexpr int kRounds = 1'000'000;
  Limit limit;
  WaitQueue queue;
  limit.set_most(1);  // two CPUs are enough to exceed it
  std::atomic<int> held{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      int highest = 0;
      for (int round = 0; round < kRounds; ++round) {
        const Slot slot = Slot::take(limit, queue);
        if (!slot.is_held()) continue;
        highest = std::max(highest, held.fetch_add(1) + 1);
        held.fetch_sub(1);
      }
      int seen = most.load();
      while (seen < highest && !most.compare_exchange_weak(seen, highest)) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most == 1);
  CHECK(limit.in_use() == 0);
}

TEST_CASE("where nothing is limited nobody waits and nothing is counted") {
  Bench bench(make_backend({.servers = {0, 0}}));
  CHECK_FALSE(bench.local->is_limited());
  std::vector<std::unique_ptr<Request>> requests;
  for (int i = 0; i < 100; ++i) {
    requests.push_back(std::make_unique<Request>(bench));
    CHECK(requests.back()->ask() == Outcome::kAdmitted);
  }
  CHECK(bench.local->settings().servers[0]->state->requests.in_use() == 0);
}

TEST_CASE("who comes when every server is full waits, and is served in order when others end") {
  Bench bench(make_backend({.servers = {1, 1}}));
  std::string order;
  Request a(bench, &order, 'a'), b(bench, &order, 'b'), c(bench, &order, 'c'), d(bench, &order, 'd');
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kAdmitted);
  CHECK(a.admission.server() != b.admission.server());
  CHECK(c.ask() == Outcome::kWaiting);
  CHECK(d.ask() == Outcome::kWaiting);
  b.release();
  CHECK(c.told);
  CHECK(c.admission.server() == b.admission.server());
  CHECK_FALSE(d.told);
  a.release();
  CHECK(order == "abcd");
  CHECK(bench.local->queue().is_empty());
}

TEST_CASE("who comes while others wait does not overtake them, even if there is room") {
  Bench bench(make_backend({.servers = {1}}));
  std::string order;
  Request a(bench, &order, 'a'), b(bench, &order, 'b'), c(bench, &order, 'c');
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kWaiting);
  {
    const net::Loop::Turn turn(bench.loop);  // room comes, and c asks before b has been told
    a.admission.release();
    ConnectionNeeds needs;
    CHECK(c.admission.ask(*bench.local, {0, {}, &c.tried, needs}) == Outcome::kWaiting);
  }
  CHECK(order == "ab");
  b.release();
  CHECK(order == "abc");
}

TEST_CASE("a request that is tried again waits before those that have not had a turn") {
  Bench bench(make_backend({.servers = {1}}));
  std::string order;
  Request a(bench, &order, 'a'), b(bench, &order, 'b'), again(bench, &order, 'r');
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kWaiting);
  CHECK(again.ask(true) == Outcome::kWaiting);
  a.release();
  CHECK(order == "ar");
  again.release();
  CHECK(order == "arb");
}

TEST_CASE("a request that is tried again has the room that came meanwhile, before those who wait for it") {
  Bench bench(make_backend({.servers = {1}}));
  std::string order;
  Request a(bench, &order, 'a'), b(bench, &order, 'b'), again(bench, &order, 'r');
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kWaiting);
  {
    const net::Loop::Turn turn(bench.loop);
    a.admission.release();
    AdmissionWish wish;
    wish.tried = &again.tried;
    wish.again = true;
    CHECK(again.admission.ask(*bench.local, wish) == Outcome::kAdmitted);
    CHECK_FALSE(again.admission.is_waiting());
  }
  CHECK_FALSE(b.told);
  CHECK(bench.local->queue().waiting() == 1);
  again.release();
  CHECK(order == "ab");
}

TEST_CASE(
    "a request whose server has failed waits for one that it has not tried, even though that server has "
    "room") {
  Bench bench(make_backend({.servers = {1, 1}}));
  Request busy(bench), again(bench);
  CHECK(busy.ask() == Outcome::kAdmitted);
  const std::uint32_t other = busy.admission.server();
  again.tried.add(1 - other);
  CHECK(again.ask(true) == Outcome::kWaiting);
  busy.release();
  CHECK(again.told);
  CHECK(again.admission.outcome() == Outcome::kAdmitted);
  CHECK(again.admission.server() == other);
}

TEST_CASE("a request whose server has failed at nothing may ask it again where the others are full") {
  Bench bench(make_backend({.servers = {1, 1}}));
  Request busy(bench), again(bench);
  CHECK(busy.ask() == Outcome::kAdmitted);
  again.tried.add(1 - busy.admission.server());
  AdmissionWish wish;
  wish.tried = &again.tried;
  wish.again = wish.takes_tried = true;
  const net::Loop::Turn turn(bench.loop);
  CHECK(again.admission.ask(*bench.local, wish) == Outcome::kAdmitted);
  CHECK(again.admission.server() == 1 - busy.admission.server());
}

TEST_CASE("a full queue turns the next one away, but not one that is tried again") {
  Bench bench(make_backend({.servers = {1}, .queue_length = 2}));
  Request a(bench), b(bench), c(bench), d(bench), again(bench);
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kWaiting);
  CHECK(c.ask() == Outcome::kWaiting);
  CHECK(d.ask() == Outcome::kQueueFull);
  CHECK(again.ask(true) == Outcome::kWaiting);
  CHECK(bench.local->queue().waiting() == 3);
}

TEST_CASE("the limit of the backend holds over its servers, and both claims are given back together") {
  const auto backend = make_backend({.backend = 2, .servers = {5, 5}});
  Bench bench(backend);
  Request a(bench), b(bench), c(bench);
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kAdmitted);
  CHECK(c.ask() == Outcome::kWaiting);
  CHECK(backend->servers[0]->state->requests.in_use() + backend->servers[1]->state->requests.in_use() == 2);
  a.release();
  CHECK(c.told);
  b.release();
  c.release();
  CHECK(backend->state->requests.in_use() == 0);
  CHECK(backend->servers[0]->state->requests.in_use() + backend->servers[1]->state->requests.in_use() == 0);
}

TEST_CASE("who waits holds nothing meanwhile") {
  const auto backend = make_backend({.backend = 5, .servers = {1}});
  Bench bench(backend);
  Request a(bench), b(bench), c(bench);
  c.preferred = 0;
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kWaiting);
  CHECK(c.ask() == Outcome::kWaiting);
  CHECK(backend->state->requests.in_use() == 1);
  CHECK(backend->servers[0]->state->requests.in_use() == 1);
}

TEST_CASE("a full server is passed over for one that has room, backups are not for that") {
  Bench bench(make_backend({.servers = {1, 1, 1}, .backup = {false, false, true}}));
  Request a(bench), b(bench), c(bench);
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kAdmitted);
  CHECK(a.admission.server() + b.admission.server() == 1);
  CHECK(c.ask() == Outcome::kWaiting);
}

TEST_CASE("who gives up leaves the queue, and the next one gets the turn") {
  Bench bench(make_backend({.servers = {1}}));
  std::string order;
  Request a(bench, &order, 'a'), b(bench, &order, 'b'), c(bench, &order, 'c');
  a.ask();
  b.ask();
  c.ask();
  b.release();
  CHECK(bench.local->queue().waiting() == 1);
  a.release();
  CHECK(order == "ac");
  CHECK_FALSE(b.told);
}

TEST_CASE("when the last server goes down, who waits is told that there is none") {
  const auto backend = make_backend({.servers = {1}});
  Bench bench(backend);
  Request a(bench), b(bench), c(bench);
  a.ask();
  b.ask();
  c.ask();
  backend->servers[0]->state->health = Health::kDown;
  {
    const net::Loop::Turn turn(bench.loop);
    bench.local->queue().tell_head();
  }
  CHECK(b.told);
  CHECK(b.admission.outcome() == Outcome::kNoServerUp);
  CHECK(c.admission.outcome() == Outcome::kNoServerUp);
  Request d(bench);
  CHECK(d.ask() == Outcome::kNoServerUp);
}

TEST_CASE("a reload that raises a limit lets in who waits under the old configuration") {
  const auto backend = make_backend({.servers = {1}});
  Bench bench(backend);
  Request a(bench), b(bench), c(bench);
  a.ask();
  b.ask();
  c.ask();
  {
    const net::Loop::Turn turn(bench.loop);
    LocalBackend next(make_backend({.servers = {2}}, 1, backend.get()), bench.services, bench.random,
                      bench.local.get());
  }
  CHECK(b.told);
  CHECK_FALSE(c.told);
  {
    const net::Loop::Turn turn(bench.loop);
    LocalBackend next(make_backend({.servers = {0}}, 1, backend.get()), bench.services, bench.random,
                      bench.local.get());
  }
  CHECK(c.told);
}

TEST_CASE(
    "a server that came by a reload is for new requests, while older ones wait for one that they know") {
  const auto backend = make_backend({.servers = {1}});
  Bench bench(backend);
  Request a(bench), old(bench);
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(old.ask() == Outcome::kWaiting);
  const auto next = make_backend({.servers = {1, 1}}, 1, backend.get());
  next->generation = next->servers[1]->state->first_generation = 1;
  std::unique_ptr<LocalBackend> after;
  const auto in_turn = [&](const auto& action) {
    const net::Loop::Turn turn(bench.loop);
    action();
  };
  in_turn(
      [&] { after = std::make_unique<LocalBackend>(next, bench.services, bench.random, bench.local.get()); });
  Request first(bench), second(bench), third(bench);
  const auto ask_after = [&](Request& request) {
    AdmissionWish wish;
    wish.tried = &request.tried;
    in_turn([&] { request.admission.ask(*after, wish); });
    return request.admission.outcome();
  };
  CHECK(ask_after(first) == Outcome::kAdmitted);
  CHECK(first.admission.server() == 1);
  CHECK(ask_after(second) == Outcome::kWaiting);
  CHECK(ask_after(third) == Outcome::kWaiting);
  // What was known to the older one is for it; what it does not know, for the next.
  first.release();
  CHECK(second.told);
  CHECK(second.admission.server() == 1);
  CHECK_FALSE(old.told);
  a.release();
  CHECK(old.told);
  CHECK_FALSE(third.told);
  old.release();
  CHECK(third.told);
  CHECK(third.admission.server() == 0);
  in_turn([&] {
    for (Request* request : {&second, &third}) request->admission.release();
    after.reset();
  });
}

TEST_CASE(
    "when a head that found no room gives up, the next one looks for itself: it may have more to choose "
    "from") {
  const auto backend = make_backend({.servers = {1}});
  Bench bench(backend);
  Request a(bench), b(bench), c(bench);
  CHECK(a.ask() == Outcome::kAdmitted);
  CHECK(b.ask() == Outcome::kWaiting);
  {
    std::unique_ptr<LocalBackend> next;
    {
      const net::Loop::Turn turn(bench.loop);
      next = std::make_unique<LocalBackend>(make_backend({.servers = {1, 1}}, 1, backend.get()),
                                            bench.services, bench.random, bench.local.get());
    }
    {
      const net::Loop::Turn turn(bench.loop);
      CHECK(c.admission.ask(*next, {0, {}, &c.tried, {}}) == Outcome::kWaiting);
    }
    CHECK_FALSE(c.told);
    b.release();
    CHECK(c.told);
    CHECK(c.admission.outcome() == Outcome::kAdmitted);
    CHECK(c.admission.server() == 1);
    c.release();
    const net::Loop::Turn turn(bench.loop);
    next.reset();
  }
}

TEST_CASE("a preferred server gets its clients while it has room, and nobody waits for it alone") {
  const auto backend = make_backend({.servers = {2, 2}});
  Bench bench(backend);
  std::vector<std::unique_ptr<Request>> requests;
  for (const std::uint32_t expected : {1U, 1U, 0U, 0U}) {
    requests.push_back(std::make_unique<Request>(bench));
    requests.back()->preferred = 1;
    CHECK(requests.back()->ask() == Outcome::kAdmitted);
    CHECK(requests.back()->admission.server() == expected);
  }
  Request last(bench);
  last.preferred = 1;
  CHECK(last.ask() == Outcome::kWaiting);
  requests[0]->release();
  CHECK(last.told);
  CHECK(last.admission.server() == 1);
  Bench unlimited(make_backend({.servers = {0, 0}}));
  unlimited.local->settings().servers[1]->state->ejected = true;
  Request away(unlimited);
  away.preferred = 1;
  CHECK(away.ask() == Outcome::kAdmitted);
  CHECK(away.admission.server() == 0);
}

TEST_CASE("an ejected server is passed over until no other is left") {
  const auto backend = make_backend({.servers = {0, 0}});
  Bench bench(backend);
  backend->servers[0]->state->ejected = true;
  for (int i = 0; i < 10; ++i) {
    Request request(bench);
    CHECK(request.ask() == Outcome::kAdmitted);
    CHECK(request.admission.server() == 1);
  }
  backend->servers[1]->state->health = Health::kDown;
  Request request(bench);
  CHECK(request.ask() == Outcome::kAdmitted);
  CHECK(request.admission.server() == 0);
}

TEST_CASE("in a panic servers get requests whatever their state, if the configuration allows it") {
  for (const bool can_panic : {false, true}) {
    const auto backend = make_backend({.servers = {0, 0}});
    backend->can_panic = can_panic;
    Bench bench(backend);
    for (const auto& server : backend->servers) server->state->health = Health::kDown;
    backend->state->panics = true;
    Request request(bench);
    CHECK(request.ask() == (can_panic ? Outcome::kAdmitted : Outcome::kNoServerUp));
  }
}

// ---- many workers

namespace {

constexpr int kWorkers = 4;
constexpr int kServers = 2;

/// What all workers of the stress see.
struct Shared {
  std::atomic<int> in_flight{0};
  std::array<std::atomic<int>, kServers> at_server{};
  std::atomic<int> most{0};
  std::atomic<int> most_at_server{0};
  std::atomic<int> served{0};
};

void raise(std::atomic<int>& most, int value) {
  int seen = most.load();
  while (seen < value && !most.compare_exchange_weak(seen, value)) {
  }
}

/// Sends one request after another through admission; each lasts a turn or more, some give up while they wait.
class StressClient final : AdmissionEvents, net::Flushable {
 public:
  StressClient(Bench& bench, Shared& shared, int requests, int& running, bool patient)
      : bench_(bench),
        shared_(shared),
        left_(requests),
        running_(running),
        patient_(patient),
        timer_(net::Timer::bind<&StressClient::on_timer>(this)) {}

  void start() { next(); }

 private:
  void next() {
    if (left_-- == 0) {
      if (--running_ == 0) bench_.loop.stop();
      return;
    }
    ConnectionNeeds needs;
    needs.fresh = bench_.random.below(8) == 0;
    const auto outcome = admission_.ask(*bench_.local, {0, {}, &tried_, needs});
    if (outcome == Outcome::kAdmitted) {
      begin();
    } else if (!patient_ && bench_.random.below(4) == 0) {
      bench_.loop.start_timer(timer_, Duration(1));  // gives up if it still waits then
    }
  }
  void on_admission() override { begin(); }
  void begin() {
    timer_.stop();
    flying_ = true;
    server_ = admission_.server();
    raise(shared_.most, shared_.in_flight.fetch_add(1) + 1);
    raise(shared_.most_at_server, shared_.at_server[server_].fetch_add(1) + 1);
    // Most end with the turn, so that joining and giving back meet; some last longer, so that a queue builds up.
    if (bench_.random.below(64) != 0) {
      bench_.loop.schedule_flush(*this);
    } else {
      bench_.loop.start_timer(timer_, Duration(1));
    }
  }
  void flush() override { on_timer(); }
  void on_timer() {
    if (flying_) {
      flying_ = false;
      shared_.served.fetch_add(1);
      shared_.at_server[server_].fetch_sub(1);
      shared_.in_flight.fetch_sub(1);
    }
    admission_.release();
    next();
  }

  Bench& bench_;
  Shared& shared_;
  int left_;
  int& running_;
  bool patient_;  // never gives up
  net::Timer timer_;
  TriedServers tried_;
  Admission admission_{*this};
  std::uint32_t server_ = 0;
  bool flying_ = false;
};

/// Stops a loop that is still busy after a while: what it waits for will not come any more.
class Deadline {
 public:
  explicit Deadline(net::Loop& loop) : loop_(loop), timer_(net::Timer::bind<&Deadline::on_timeout>(this)) {
    const net::Loop::Turn turn(loop);
    loop.start_timer(timer_, Duration(60'000));
  }
  [[nodiscard]] bool is_over() const { return over_; }

 private:
  void on_timeout() {
    over_ = true;
    loop_.stop();
  }
  net::Loop& loop_;
  net::Timer timer_;
  bool over_ = false;
};

}  // namespace

TEST_CASE("with many workers no limit is exceeded, no wake-up is lost and nobody waits for ever") {
  struct Case {
    Limits limits;
    bool patient;
    int most;
    int most_at_server;
    int clients;
    int requests;
  };
  // Where one request may be under way at a time and nobody gives up, a single lost wake-up stops everything.
  const auto c = GENERATE(Case{{.backend = 3, .servers = {2, 2}}, false, 3, 2, 6, 500},
                          Case{{.servers = {1}}, true, 1, 1, 6, 500},
                          Case{{.backend = 1, .servers = {5, 5}}, true, 1, 1, 6, 500},
                          Case{{.servers = {1}}, true, 1, 1, 1, 20000});
  const auto backend = make_backend(c.limits, kWorkers);
  Shared shared;
  std::atomic<int> stuck{0};
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&, worker] {
      Bench bench(backend, worker);
      int running = c.clients;
      std::vector<std::unique_ptr<StressClient>> clients;
      for (int i = 0; i < c.clients; ++i) {
        clients.push_back(std::make_unique<StressClient>(bench, shared, c.requests, running, c.patient));
      }
      const Deadline deadline(bench.loop);
      {
        const net::Loop::Turn turn(bench.loop);
        for (auto& client : clients) client->start();
      }
      bench.loop.run();
      stuck += deadline.is_over() ? running : 0;
      const net::Loop::Turn turn(bench.loop);
      clients.clear();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(stuck == 0);
  CHECK(shared.most <= c.most);
  CHECK(shared.most_at_server <= c.most_at_server);
  CHECK(shared.served > 0);
  CHECK(backend->state->queue.is_empty());
  CHECK(backend->state->requests.in_use() == 0);
  for (const auto& server : backend->servers) CHECK(server->state->requests.in_use() == 0);
}
