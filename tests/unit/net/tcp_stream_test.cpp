#include "lb/net/tcp_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/stream_recorder.h"

using namespace reseal;
using namespace reseal::net;

namespace {

/// Ends the loop when `enough` says so after an event.
struct Receiver final : test::Recorder {
  explicit Receiver(Loop& loop) {
    then = [this, &loop](std::string_view) {
      if (enough && enough(*this)) loop.stop();
    };
  }
  std::function<bool(Receiver&)> enough;
};

/// Takes the bytes itself, and stops the loop when `enough` says so.
struct Taker final : SocketReader {
  Taker(Loop& its_loop, TcpStream& from) : loop(its_loop), stream(from) { stream.set_reader(this); }
  [[nodiscard]] bool is_next() const override { return next; }
  void take() override {
    ++turns;
    std::size_t now = 0;
    while (stream.may_read()) {
      const std::size_t got = stream.read({room.data(), room.size()});
      data.append(room.data(), got);
      now += got;
      if (after_read) after_read();
    }
    most_in_a_turn = std::max(most_in_a_turn, now);
    if (enough && enough()) loop.stop();
  }
  void note_read(std::size_t bytes) override { handed_on += bytes; }

  Loop& loop;
  TcpStream& stream;
  std::array<char, 1000> room{};
  std::string data;
  bool next = true;
  int turns = 0;
  std::size_t most_in_a_turn = 0;
  std::size_t handed_on = 0;
  std::function<void()> after_read;
  std::function<bool()> enough;
};

std::array<int, 2> socket_pair() {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
  return fds;
}

/// Long enough for what must not happen to happen.
void run_for_a_while(Loop& loop) {
  Timer tick = Timer::bind<&Loop::stop>(&loop);
  {
    const Loop::Turn turn(loop);
    loop.start_timer(tick, Duration(20));
  }
  loop.run();
}

/// A stream whose bytes a Taker takes, and the descriptor of its peer.
struct Taken {
  Taken() { stream->set_events(owner); }
  ~Taken() { close_peer(); }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

  void send(const std::string& text) const {
    REQUIRE(::write(peer, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void close_peer() {
    if (peer != -1) ::close(std::exchange(peer, -1));
  }

  std::array<int, 2> fds = socket_pair();
  int peer = fds[1];
  Loop loop;
  std::unique_ptr<TcpStream> stream = TcpStream::adopt(loop, fds[0], {});
  Receiver owner{loop};
  Taker taker{loop, *stream};
};

}  // namespace

TEST_CASE("what is written in one turn arrives in one piece, and end() is seen as an end") {
  const auto fds = socket_pair();
  Loop loop;
  Receiver receiver(loop);
  auto a = TcpStream::adopt(loop, fds[0], {});
  auto b = TcpStream::adopt(loop, fds[1], {});
  Receiver other(loop);
  a->set_events(other);
  b->set_events(receiver);
  a->write("hello ");
  a->write("world");
  a->end();
  receiver.enough = [](Receiver& r) { return r.log.find("end") != std::string::npos; };
  loop.run();
  CHECK(receiver.data == "hello world");
  CHECK(other.log == "drained ");
}

TEST_CASE("a full socket holds the bytes back, says so, and tells when they are gone") {
  const auto fds = socket_pair();
  Loop loop;
  auto a = TcpStream::adopt(loop, fds[0], {});
  Receiver sender(loop);
  a->set_events(sender);
  const std::string block(1024 * 1024, 'x');
  for (int i = 0; i < 8; ++i) a->write(block);
  CHECK(a->is_backed_up());
  std::size_t received = 0;
  std::thread reader([&] {
    std::array<char, 65536> buffer{};
    while (received < 8 * block.size()) {
      const ssize_t count = ::read(fds[1], buffer.data(), buffer.size());
      if (count <= 0) break;
      received += static_cast<std::size_t>(count);
    }
  });
  sender.enough = [](Receiver& r) { return r.log == "drained "; };
  loop.run();
  CHECK(a->unsent() <= TcpStream::kLowWater);
  a->end();
  sender.enough = [](Receiver& r) { return r.log == "drained drained "; };
  loop.run();
  reader.join();
  CHECK(received == 8 * block.size());
  ::close(fds[1]);
}

TEST_CASE("a paused stream delivers nothing until it is resumed") {
  const auto fds = socket_pair();
  Loop loop;
  auto a = TcpStream::adopt(loop, fds[0], {});
  Receiver receiver(loop);
  a->set_events(receiver);
  a->pause_reading();
  REQUIRE(::write(fds[1], "text", 4) == 4);
  run_for_a_while(loop);
  CHECK(receiver.data.empty());
  a->resume_reading();
  receiver.enough = [](Receiver& r) { return r.data == "text"; };
  loop.run();
  CHECK(receiver.data == "text");
  ::close(fds[1]);
}

TEST_CASE(
    "a paused stream tells of the peer's end or reset where that is wanted, behind what was sent before") {
  // Over TCP: a reset is one of TCP's.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(name);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&name), length) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &length) == 0);
  const int peer = ::socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(::connect(peer, reinterpret_cast<sockaddr*>(&name), length) == 0);
  Loop loop;
  auto stream = TcpStream::adopt(loop, ::accept(listener, nullptr, nullptr), {});
  ::close(listener);
  Receiver receiver(loop);
  stream->set_events(receiver);
  const auto stopped = [](Receiver& r) { return !r.log.empty(); };
  const bool watched_from_the_start = GENERATE(true, false);
  stream->pause_reading();
  if (watched_from_the_start) stream->watch_peer(true);
  REQUIRE(::write(peer, "text", 4) == 4);
  run_for_a_while(loop);
  CHECK(receiver.log.empty());
  SECTION("an end") {
    REQUIRE(::shutdown(peer, SHUT_WR) == 0);
    if (!watched_from_the_start) {
      run_for_a_while(loop);
      CHECK(receiver.log.empty());
      stream->watch_peer(true);
    }
    receiver.enough = stopped;
    loop.run();
    CHECK(receiver.log == "ended early ");
    CHECK(receiver.data.empty());
    run_for_a_while(loop);
    CHECK(receiver.log == "ended early ");  // once
    stream->resume_reading();
    receiver.enough = [](Receiver& r) { return r.log == "ended early end "; };
    loop.run();
    CHECK(receiver.data == "text");
  }
  SECTION("a reset") {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    stream->watch_peer(true);
    ::close(peer);
    receiver.enough = stopped;
    loop.run();
    CHECK(receiver.log == "failure ");
  }
  SECTION("none after close") {
    stream->watch_peer(true);
    run_for_a_while(loop);
    stream->close();
    ::shutdown(peer, SHUT_WR);  // or the bytes that nobody read have reset it already
    run_for_a_while(loop);
    CHECK(receiver.log.empty());
  }
  SECTION("none once it is not wanted any more") {
    stream->watch_peer(true);
    stream->watch_peer(false);
    REQUIRE(::shutdown(peer, SHUT_WR) == 0);
    run_for_a_while(loop);
    CHECK(receiver.log.empty());
  }
}

TEST_CASE("a reader takes the bytes in turns of bounded size, and the owner is told of the end once") {
  Taken taken;
  const std::string block(100'000, 'x');
  taken.send(block);
  REQUIRE(::shutdown(taken.peer, SHUT_WR) == 0);
  taken.owner.enough = [](Receiver& r) { return r.log == "end "; };
  taken.loop.run();
  CHECK(taken.taker.data == block);
  CHECK(taken.taker.turns >= 4);
  CHECK(taken.taker.most_in_a_turn <= 33'000);
  CHECK(taken.owner.data.empty());
  // Reading is over: neither is told again.
  const int turns = taken.taker.turns;
  taken.owner.enough = nullptr;
  run_for_a_while(taken.loop);
  CHECK(taken.owner.log == "end ");
  CHECK(taken.taker.turns == turns);
}

TEST_CASE("a reader that pauses takes no more, and goes on where it stopped") {
  Taken taken;
  const std::string block(10'000, 'x');
  taken.send(block);
  taken.taker.after_read = [&] {
    taken.stream->pause_reading();
    taken.loop.stop();
  };
  taken.loop.run();
  CHECK(taken.taker.data.size() == 1000);
  {
    const Loop::Turn turn(taken.loop);
    CHECK(taken.stream->read({taken.taker.room.data(), taken.taker.room.size()}) == 0);  // outside take()
  }
  taken.taker.after_read = nullptr;
  taken.taker.enough = [&] { return taken.taker.data == block; };
  taken.stream->resume_reading();
  taken.loop.run();
  CHECK(taken.taker.data == block);
}

TEST_CASE("what a reader does not take next is handed on, and it is told how much") {
  Taken taken;
  taken.taker.next = false;
  taken.send("text");
  taken.owner.enough = [](Receiver& r) { return r.data == "text"; };
  taken.loop.run();
  CHECK(taken.taker.handed_on == 4);
  CHECK(taken.taker.turns == 0);
  taken.taker.next = true;
  taken.taker.enough = [&] { return taken.taker.data == "more"; };
  taken.send("more");
  taken.loop.run();
  CHECK(taken.owner.data == "text");
}

TEST_CASE("what the peer sent before it broke off is taken first, though writing has failed already") {
  Taken taken;
  const std::string answer(50'000, 'x');  // more than a turn's worth
  taken.send(answer);
  taken.close_peer();
  taken.stream->write("nobody takes this");
  taken.owner.enough = [](Receiver& r) { return !r.log.empty(); };
  taken.loop.run();
  CHECK(taken.taker.data == answer);
  CHECK(taken.owner.log == "failure ");
}

TEST_CASE("a refused connection is a failure that tells why, after the call") {
  Loop loop;
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
  socklen_t length = sizeof(name);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &length) == 0);
  // Bound and not listening: nobody else can take the port, and it refuses.
  auto stream = TcpStream::connect(loop, Address::from(reinterpret_cast<sockaddr*>(&name), length));
  Receiver receiver(loop);
  stream->set_events(receiver);
  CHECK(receiver.log.empty());
  receiver.enough = [](Receiver& r) { return r.failure.code != Code::kOk; };
  loop.run();
  CHECK(receiver.failure.code == Code::kConnectFailed);
  ::close(listener);
}

TEST_CASE("a stream closed from its own event calls nobody any more") {
  const auto fds = socket_pair();
  Loop loop;
  auto a = TcpStream::adopt(loop, fds[0], {});
  Receiver receiver(loop);
  a->set_events(receiver);
  receiver.enough = [&](Receiver&) {
    a->close();
    a->write("nobody gets this");
    return true;
  };
  REQUIRE(::write(fds[1], "text", 4) == 4);
  loop.run();
  CHECK(receiver.log.empty());
  CHECK(a->is_closed());
  std::array<char, 16> buffer{};
  CHECK(::read(fds[1], buffer.data(), buffer.size()) == 0);
  ::close(fds[1]);
}
