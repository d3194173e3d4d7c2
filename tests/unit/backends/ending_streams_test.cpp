#include "backends/ending_streams.h"

#include <catch2/catch.hpp>
#include <memory>

#include "backends/server.h"
#include "tests/unit/backends/backend_bench.h"

using namespace reseal;
using namespace reseal::backends;

namespace {

/// A stream of which the server has taken as much as the test says.
class ScriptedStream final : public net::ByteStream {
 public:
  struct Fate {
    std::uint64_t delivered = 0;
    int looks = 0;
    bool moves = false;  // a byte between any two looks
    bool resumed = false;
    bool closed = false;
  };
  ScriptedStream(net::Loop& loop, Fate& fate, ScriptedStream*& self)
      : ByteStream(loop.buffers()), fate_(fate) {
    self = this;
    output_.append("left");
  }
  ~ScriptedStream() override { close(); }
  void pause_reading() override {}
  void resume_reading() override { fate_.resumed = true; }
  void watch_peer(bool) override {}
  void end() override {}
  void close() override { fate_.closed = true; }
  void abort() override { close(); }
  [[nodiscard]] bool is_closed() const override { return fate_.closed; }
  [[nodiscard]] std::uint64_t undelivered() const override { return 1; }
  [[nodiscard]] std::uint64_t delivered() const override {
    ++fate_.looks;
    if (fate_.moves) ++fate_.delivered;
    return fate_.delivered;
  }
  [[nodiscard]] const net::Address& peer() const override { return address_; }
  [[nodiscard]] const net::Address& local() const override { return address_; }

  void drain() {
    output_.clear();
    events_->on_drained();
  }
  void tell_of_bytes() {
    events_->on_data("late");
    events_->on_end();
    events_->on_drained();  // not all of it yet
  }
  void fail() { events_->on_failure({Code::kIo, Origin::kServer, "reset", 0, 0, 0}); }

 private:
  void schedule_flush() override {}
  Fate& fate_;
  net::Address address_;
};

struct Owner final : EndingStreamsOwner {
  void on_streams_ended() override { ++told; }
  int told = 0;
};

}  // namespace

TEST_CASE(
    "what is left of a connection goes out, keeps its claims meanwhile, and tells when the last one is "
    "gone") {
  auto state = std::make_shared<ServerState>("web", "web1", *net::Address::parse("127.0.0.1", 1), 1);
  auto server = std::make_shared<Server>();
  server->state = state;
  server->idle_timeout = Duration(5);
  state->connections.set_most(2);
  net::Loop loop;
  Owner owner;
  EndingStreams streams(loop, owner);
  ScriptedStream::Fate fate, other;
  ScriptedStream *stream = nullptr, *second = nullptr;
  fate.moves = other.moves = true;
  {
    const net::Loop::Turn turn(loop);
    streams.take(std::make_unique<ScriptedStream>(loop, fate, stream), ConnectionSlots::take(*state), server);
    streams.take(std::make_unique<ScriptedStream>(loop, other, second), ConnectionSlots::take(*state),
                 server);
  }
  CHECK(fate.resumed);
  CHECK_FALSE(streams.is_empty());
  CHECK(state->connections.in_use() == 2);
  CHECK(state->backend_state->connections.in_use() == 2);
  // As long as the server takes something, there is time.
  test::run_until(loop, [&] { return fate.looks > 5; });
  CHECK_FALSE(fate.closed);
  SECTION("both are sent") {
    const net::Loop::Turn turn(loop);
    stream->tell_of_bytes();
    CHECK_FALSE(fate.closed);
    stream->drain();
    CHECK(fate.closed);
    CHECK(state->connections.in_use() == 1);
    CHECK(owner.told == 0);
    second->drain();
  }
  SECTION("the server takes nothing for the idle time") {
    fate.moves = other.moves = false;
    test::run_until(loop, [&] { return streams.is_empty(); });
  }
  SECTION("they fail") {
    const net::Loop::Turn turn(loop);
    stream->fail();
    second->fail();
  }
  SECTION("they are cut") {
    const net::Loop::Turn turn(loop);
    streams.cut();
  }
  CHECK(fate.closed);
  CHECK(other.closed);
  CHECK(owner.told == 1);
  CHECK(state->connections.in_use() == 0);
  CHECK(state->backend_state->connections.in_use() == 0);
}
