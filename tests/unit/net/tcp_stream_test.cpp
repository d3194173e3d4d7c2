#include "lb/net/tcp_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <thread>

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
  Timer tick = Timer::bind<&Loop::stop>(&loop);
  {
    const Loop::Turn turn(loop);
    loop.start_timer(tick, Duration(20));
  }
  loop.run();
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
  Timer tick = Timer::bind<&Loop::stop>(&loop);
  const auto run_for_a_while = [&] {
    {
      const Loop::Turn turn(loop);
      loop.start_timer(tick, Duration(20));
    }
    loop.run();
  };
  const auto stopped = [](Receiver& r) { return !r.log.empty(); };
  const bool watched_from_the_start = GENERATE(true, false);
  stream->pause_reading();
  if (watched_from_the_start) stream->watch_peer(true);
  REQUIRE(::write(peer, "text", 4) == 4);
  run_for_a_while();
  CHECK(receiver.log.empty());
  SECTION("an end") {
    REQUIRE(::shutdown(peer, SHUT_WR) == 0);
    if (!watched_from_the_start) {
      run_for_a_while();
      CHECK(receiver.log.empty());
      stream->watch_peer(true);
    }
    receiver.enough = stopped;
    loop.run();
    CHECK(receiver.log == "ended early ");
    CHECK(receiver.data.empty());
    run_for_a_while();
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
    run_for_a_while();
    stream->close();
    ::shutdown(peer, SHUT_WR);  // or the bytes that nobody read have reset it already
    run_for_a_while();
    CHECK(receiver.log.empty());
  }
  SECTION("none once it is not wanted any more") {
    stream->watch_peer(true);
    stream->watch_peer(false);
    REQUIRE(::shutdown(peer, SHUT_WR) == 0);
    run_for_a_while();
    CHECK(receiver.log.empty());
  }
}

TEST_CASE("a reader takes the bytes in turns of bounded size, and the owner is told of the end once") {
  const auto fds = socket_pair();
  Loop loop;
  auto stream = TcpStream::adopt(loop, fds[0], {});
  Receiver owner(loop);
  stream->set_events(owner);
  Taker taker(loop, *stream);
  const std::string block(100'000, 'x');
  REQUIRE(::write(fds[1], block.data(), block.size()) == static_cast<ssize_t>(block.size()));
  REQUIRE(::shutdown(fds[1], SHUT_WR) == 0);
  owner.enough = [](Receiver& r) { return r.log == "end "; };
  loop.run();
  CHECK(taker.data == block);
  CHECK(taker.turns >= 4);
  CHECK(taker.most_in_a_turn <= 33'000);
  CHECK(owner.data.empty());
  // Reading is over: neither is told again.
  const int turns = taker.turns;
  Timer tick = Timer::bind<&Loop::stop>(&loop);
  {
    const Loop::Turn turn(loop);
    loop.start_timer(tick, Duration(20));
  }
  owner.enough = nullptr;
  loop.run();
  CHECK(owner.log == "end ");
  CHECK(taker.turns == turns);
  ::close(fds[1]);
}

TEST_CASE("a reader that pauses takes no more, and goes on where it stopped") {
  const auto fds = socket_pair();
  Loop loop;
  auto stream = TcpStream::adopt(loop, fds[0], {});
  Receiver owner(loop);
  stream->set_events(owner);
  Taker taker(loop, *stream);
  const std::string block(10'000, 'x');
  REQUIRE(::write(fds[1], block.data(), block.size()) == static_cast<ssize_t>(block.size()));
  taker.after_read = [&] {
    stream->pause_reading();
    loop.stop();
  };
  loop.run();
  CHECK(taker.data.size() == 1000);
  {
    const Loop::Turn turn(loop);
    CHECK(stream->read({taker.room.data(), taker.room.size()}) == 0);  // outside take()
  }
  taker.after_read = nullptr;
  taker.enough = [&] { return taker.data == block; };
  stream->resume_reading();
  loop.run();
  CHECK(taker.data == block);
  ::close(fds[1]);
}

TEST_CASE("what a reader does not take next is handed on, and it is told how much") {
  const auto fds = socket_pair();
  Loop loop;
  auto stream = TcpStream::adopt(loop, fds[0], {});
  Receiver owner(loop);
  stream->set_events(owner);
  Taker taker(loop, *stream);
  taker.next = false;
  REQUIRE(::write(fds[1], "text", 4) == 4);
  owner.enough = [](Receiver& r) { return r.data == "text"; };
  loop.run();
  CHECK(taker.handed_on == 4);
  CHECK(taker.turns == 0);
  taker.next = true;
  taker.enough = [&] { return taker.data == "more"; };
  REQUIRE(::write(fds[1], "more", 4) == 4);
  loop.run();
  CHECK(owner.data == "text");
  ::close(fds[1]);
}

TEST_CASE("what the peer sent before it broke off is taken first, though writing has failed already") {
  const auto fds = socket_pair();
  Loop loop;
  auto stream = TcpStream::adopt(loop, fds[0], {});
  Receiver owner(loop);
  stream->set_events(owner);
  Taker taker(loop, *stream);
  const std::string answer(50'000, 'x');  // more than a turn's worth
  REQUIRE(::write(fds[1], answer.data(), answer.size()) == static_cast<ssize_t>(answer.size()));
  ::close(fds[1]);
  stream->write("nobody takes this");
  owner.enough = [](Receiver& r) { return !r.log.empty(); };
  loop.run();
  CHECK(taker.data == answer);
  CHECK(owner.log == "failure ");
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
