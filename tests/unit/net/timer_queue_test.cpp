#include "lb/net/timer_queue.h"

#include <catch2/catch.hpp>
#include <string>

using namespace reseal;
using namespace reseal::net;
using namespace std::chrono_literals;

namespace {

struct Recorder {
  explicit Recorder(std::string& log, char letter)
      : log_(log), letter_(letter), timer(Timer::bind<&Recorder::on_time>(this)) {}
  void on_time() {
    log_ += letter_;
    if (again) again(*this);
  }
  std::string& log_;
  char letter_;
  void (*again)(Recorder&) = nullptr;
  Timer timer;
};

const TimePoint kStart{1h};

}  // namespace

TEST_CASE("timers fire when they are due, in order of their deadlines within a duration") {
  TimerQueue queue;
  std::string log;
  Recorder a(log, 'a');
  Recorder b(log, 'b');
  Recorder c(log, 'c');
  queue.start(a.timer, kStart, 100ms);
  queue.start(b.timer, kStart + 10ms, 100ms);
  queue.start(c.timer, kStart, 50ms);
  CHECK(queue.next_deadline() == kStart + 50ms);
  queue.advance(kStart + 49ms);
  CHECK(log.empty());
  queue.advance(kStart + 105ms);
  CHECK(log.size() == 2);
  CHECK(log.find('b') == std::string::npos);
  queue.advance(kStart + 110ms);
  CHECK(log.back() == 'b');
  CHECK_FALSE(queue.next_deadline());
}

TEST_CASE("restarting moves the deadline, stopping and destroying cancel") {
  TimerQueue queue;
  std::string log;
  Recorder a(log, 'a');
  queue.start(a.timer, kStart, 100ms);
  queue.start(a.timer, kStart + 90ms, 100ms);
  queue.advance(kStart + 150ms);
  CHECK(log.empty());
  a.timer.stop();
  {
    Recorder b(log, 'b');
    queue.start(b.timer, kStart, 100ms);
  }
  queue.advance(kStart + 1h);
  CHECK(log.empty());
}

TEST_CASE("irregular durations fire in order of their deadlines") {
  TimerQueue queue;
  std::string log;
  Recorder a(log, 'a');
  Recorder b(log, 'b');
  Recorder c(log, 'c');
  queue.start_irregular(a.timer, kStart, 30ms);
  queue.start_irregular(b.timer, kStart, 10ms);
  queue.start_irregular(c.timer, kStart, 20ms);
  CHECK(queue.next_deadline() == kStart + 10ms);
  queue.advance(kStart + 1s);
  CHECK(log == "bca");
}

TEST_CASE("a timer may restart itself from its own call without being called again in the same turn") {
  static TimerQueue* current = nullptr;
  static TimePoint now = kStart;
  TimerQueue queue;
  current = &queue;
  std::string log;
  Recorder a(log, 'a');
  a.again = [](Recorder& recorder) { current->start(recorder.timer, now, 100ms); };
  queue.start(a.timer, kStart, 100ms);
  now = kStart + 100ms;
  queue.advance(now);
  CHECK(log == "a");
  now = kStart + 200ms;
  queue.advance(now);
  CHECK(log == "aa");
}
