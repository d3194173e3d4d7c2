// Timeouts: one of many connections restarts its own, as every request does.
#include <array>
#include <deque>

#include "bench/micro/measuring.h"
#include "lb/net/timer_queue.h"

namespace reseal::bench {
namespace {

using namespace std::chrono_literals;

struct Connection {
  net::Timer timer = net::Timer::bind<&Connection::on_timeout>(this);
  void on_timeout() { require(false, "a timer fired that was restarted in time"); }
};

void timer_restart(benchmark::State& state) {
  constexpr std::array<Duration, 5> kDurations = {10s, 30s, 60s, 5s, 15s};
  net::TimerQueue queue;
  std::deque<Connection> connections(static_cast<std::size_t>(state.range(0)));
  TimePoint now{1h};
  std::size_t turn = 0;
  for (Connection& connection : connections) queue.start(connection.timer, now, 60s);
  const CountAllocations counted(state);
  for (auto _ : state) {
    const std::size_t of = ++turn % connections.size();
    now += of == 0 ? 1ms : 0ms;
    queue.start(connections[of].timer, now, kDurations[turn % kDurations.size()]);
    queue.advance(now);
    benchmark::DoNotOptimize(queue.next_deadline());
  }
  report_items(state);
}
BENCHMARK(timer_restart)->Arg(1)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace reseal::bench
