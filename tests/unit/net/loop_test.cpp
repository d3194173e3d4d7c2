#include "lb/net/loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "lb/net/tcp_stream.h"
#include "tests/support/stream_recorder.h"

using namespace reseal;
using namespace reseal::net;

namespace {

/// Writes its letter into a journal when it is flushed, and may then do one thing more.
class Step final : public Flushable {
 public:
  Step(std::string& journal, char letter) : journal_(journal), letter_(letter) {}
  void flush() override {
    journal_ += letter_;
    if (turn_next_ != nullptr) loop_->schedule_flush(*turn_next_);
    if (round_next_ != nullptr) loop_->schedule_round_flush(*round_next_);
    if (buried_ != nullptr) loop_->bury(std::move(buried_));
  }
  void then_in_turn(Loop& loop, Step& next) { loop_ = &loop, turn_next_ = &next; }
  void then_in_round(Loop& loop, Step& next) { loop_ = &loop, round_next_ = &next; }
  void then_bury(Loop& loop, std::unique_ptr<Disposable> object) {
    loop_ = &loop;
    buried_ = std::move(object);
  }

 private:
  std::string& journal_;
  char letter_;
  Loop* loop_ = nullptr;
  Step* turn_next_ = nullptr;
  Step* round_next_ = nullptr;
  std::unique_ptr<Disposable> buried_;
};

/// Its destruction schedules a flush, of a turn or of a round.
class LastWill final : public Disposable {
 public:
  LastWill(Loop& loop, Step& heir, bool of_round) : loop_(loop), heir_(heir), of_round_(of_round) {}
  ~LastWill() override { of_round_ ? loop_.schedule_round_flush(heir_) : loop_.schedule_flush(heir_); }

 private:
  Loop& loop_;
  Step& heir_;
  bool of_round_;
};

/// Runs the loop until it has waited once: an event that is ready writes "." into the journal.
void run_until_it_waits(Loop& loop, std::string& journal) {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
  REQUIRE(::write(fds[1], "x", 1) == 1);
  const auto stream = TcpStream::adopt(loop, fds[0], {});
  test::Recorder recorder;
  recorder.then = [&](std::string_view) {
    journal += '.';
    loop.stop();
  };
  stream->set_events(recorder);
  loop.run();
  ::close(fds[1]);
}

}  // namespace

TEST_CASE("a turn ends with nothing left to flush and nothing left to bury") {
  std::string journal;
  Loop loop;
  Step first(journal, 'a'), second(journal, 'b'), third(journal, 'c');
  first.then_in_turn(loop, second);
  second.then_bury(loop, std::make_unique<LastWill>(loop, third, false));
  {
    const Loop::Turn turn(loop);
    loop.schedule_flush(first);
    CHECK(journal.empty());
  }
  CHECK(journal == "abc");
}

TEST_CASE("a round ends with nothing left to flush, whatever its flushes have scheduled") {
  std::string journal;
  Loop loop;
  Step first(journal, 'a'), in_turn(journal, 'b'), in_round(journal, 'c'), last(journal, 'd');
  SECTION("a flush of the round schedules one of the turn, and that one of the round") {
    first.then_in_turn(loop, in_turn);
    in_turn.then_in_round(loop, in_round);
  }
  SECTION("what is buried at the end of the turn schedules one of the round") {
    first.then_in_turn(loop, in_turn);
    in_turn.then_bury(loop, std::make_unique<LastWill>(loop, in_round, true));
  }
  in_round.then_in_turn(loop, last);
  {
    const Loop::Turn turn(loop);
    loop.schedule_round_flush(first);
  }
  run_until_it_waits(loop, journal);
  CHECK(journal == "abcd.");
}
