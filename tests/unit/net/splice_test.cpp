#include "lb/net/splice.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lb/net/tcp_stream.h"
#include "tests/support/stream_recorder.h"

using namespace reseal;
using namespace reseal::net;

namespace {

std::array<int, 2> socket_pair() {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
  return fds;
}

/// No two places look the same for long, so that nothing can be lost, doubled or out of order unseen.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string receive_all(int fd) {
  std::string text;
  std::vector<char> buffer(65536);
  for (ssize_t count; (count = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

/// Passes on what comes on one stream to another, as an exchange does.
class Relay final : public SpliceEvents {
 public:
  explicit Relay(Loop& loop)
      : loop_(loop), from_(TcpStream::adopt(loop, source[0], {})), to_(TcpStream::adopt(loop, sink[0], {})) {
    std::signal(SIGPIPE, SIG_IGN);  // as the process does
    from_->set_events(reader_);
    to_->set_events(writer_);
    splice_ = std::make_unique<Splice>(*from_, *to_, *this);
    reader_.then = [this](std::string_view what) {
      if (what.empty()) {
        copied += reader_.data.size();
        to_->write(std::exchange(reader_.data, {}));
        look_at_sink();
      } else if (what == "end ") {
        to_->end();
      }
      if (then) then();
    };
    writer_.then = [this](std::string_view what) {
      if (what == "drained ") from_->resume_reading();
      if (then) then();
    };
  }
  ~Relay() {
    splice_.reset();
    from_->close();
    to_->close();
    ::close(source[1]);
    ::close(sink[1]);
  }
  void on_spliced(const Splice& splice, std::size_t bytes) override {
    CHECK(&splice == splice_.get());
    spliced += bytes;
    look_at_sink();
    if (then) then();
  }
  void unlink() { splice_.reset(); }
  TcpStream& from() { return *from_; }
  TcpStream& to() { return *to_; }
  [[nodiscard]] const std::string& log_of_source() const { return reader_.log; }
  [[nodiscard]] const Error& failure_of_sink() const { return writer_.failure; }
  [[nodiscard]] bool has_ended() const {
    return reader_.log == "end " && writer_.log.ends_with("drained ") && to_->unsent() == 0;
  }

  /// Sends all of it through, read at the other end by a thread; what came out.
  std::string carry(const std::string& text) {
    std::thread sender([&] {
      send_all(source[1], text);
      ::shutdown(source[1], SHUT_WR);
    });
    std::string received;
    std::thread receiver([&] { received = receive_all(sink[1]); });
    then = [this] {
      if (has_ended()) loop_.stop();
    };
    loop_.run();
    sender.join();
    receiver.join();
    return received;
  }

  std::size_t copied = 0;
  std::size_t spliced = 0;
  std::function<void()> then;
  const std::array<int, 2> source = socket_pair();
  std::array<int, 2> sink = socket_pair();

 private:
  void look_at_sink() {
    if (to_->is_backed_up()) from_->pause_reading();
  }

  Loop& loop_;
  test::Recorder reader_;
  test::Recorder writer_;
  std::unique_ptr<TcpStream> from_;
  std::unique_ptr<TcpStream> to_;
  std::unique_ptr<Splice> splice_;
};

void run_for(Loop& loop, Duration time) {
  Timer tick = Timer::bind<&Loop::stop>(&loop);
  {
    const Loop::Turn turn(loop);
    loop.start_timer(tick, time);
  }
  loop.run();
}

/// Until two sockets and what is between them take no more.
void run_until_backed_up(Loop& loop, Relay& relay) {
  while (!relay.to().is_backed_up()) run_for(loop, Duration(1));
}

}  // namespace

TEST_CASE("bulk passes from socket to socket unread, whole and in order, and so does the end") {
  const std::string text = pattern(20'000'001);
  Loop loop;
  Relay relay(loop);
  CHECK(relay.carry(text) == text);
  CHECK(relay.copied + relay.spliced == text.size());
  CHECK(relay.spliced > text.size() / 2);
}

TEST_CASE("a few bytes are copied") {
  Loop loop;
  Relay relay(loop);
  const std::string text = pattern(Loop::kReceiveBuffer - 1);
  CHECK(relay.carry(text) == text);
  CHECK(relay.spliced == 0);
}

TEST_CASE("without descriptors for a pipe, bytes are copied, and later spliced again") {
  Loop loop;
  const std::string text = pattern(5'000'000);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  {
    Relay relay(loop);
    const rlimit none{0, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    const std::string received = relay.carry(text);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(received == text);
    CHECK(relay.spliced == 0);
  }
  Relay relay(loop);
  CHECK(relay.carry(text) == text);
  CHECK(relay.spliced > 0);
}

TEST_CASE("where splicing is forbidden, bytes are copied") {
  std::thread([] {
    // Of this thread only, and gone with it.
    const std::array<sock_filter, 4> program{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                                              {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_splice},
                                              {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
                                              {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}}};
    const sock_fprog filter{program.size(), const_cast<sock_filter*>(program.data())};
    REQUIRE(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    REQUIRE(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
    Loop loop;
    Relay relay(loop);
    const std::string text = pattern(5'000'000);
    CHECK(relay.carry(text) == text);
    CHECK(relay.spliced == 0);
  }).join();
}

TEST_CASE("a sink that stops holds its source, and gets everything once it reads again") {
  const std::string text = pattern(20'000'000);
  Loop loop;
  Relay relay(loop);
  std::thread sender([&] {
    send_all(relay.source[1], text);
    ::shutdown(relay.source[1], SHUT_WR);
  });
  run_until_backed_up(loop, relay);
  CHECK(relay.spliced + relay.copied < 2'000'000);
  const std::size_t held = relay.spliced + relay.copied;
  run_for(loop, Duration(50));
  CHECK(relay.spliced + relay.copied == held);
  std::string received;
  std::thread receiver([&] { received = receive_all(relay.sink[1]); });
  relay.then = [&] {
    if (relay.has_ended()) loop.stop();
  };
  loop.run();
  sender.join();
  receiver.join();
  CHECK(received == text);
  CHECK(relay.copied + relay.spliced == text.size());
}

TEST_CASE("what a dead sink does not take nobody else gets") {
  std::signal(SIGPIPE, SIG_IGN);
  const auto fds = socket_pair();
  const auto source = socket_pair();
  Loop loop;
  auto sink = TcpStream::adopt(loop, fds[0], {});
  test::Recorder recorder;
  recorder.then = [&](std::string_view) { loop.stop(); };
  sink->set_events(recorder);
  sink->pause_reading();
  ::close(fds[1]);
  auto pipe = loop.take_pipe();
  send_all(source[1], "for nobody else");
  CHECK(pipe->fill(source[0]) == 15);
  sink->write(*pipe);
  CHECK(recorder.log.empty());  // not within the call
  CHECK(sink->unsent() == 0);
  CHECK(pipe->size() == 15);
  loop.give_back(std::move(pipe));
  CHECK(loop.take_pipe()->size() == 0);
  loop.run();
  CHECK(recorder.log == "failure ");
  CHECK(recorder.failure.code == Code::kIo);
  ::close(source[0]);
  ::close(source[1]);
}

TEST_CASE("a sink that is gone is a failure of the sink, and the pipe goes with it") {
  Loop loop;
  Relay relay(loop);
  const std::string text = pattern(20'000'000);
  std::thread sender([&] { send_all(relay.source[1], text); });
  run_until_backed_up(loop, relay);
  ::close(std::exchange(relay.sink[1], -1));
  relay.then = [&] {
    if (relay.failure_of_sink().code != Code::kOk) loop.stop();
  };
  relay.to().pause_reading();  // nobody waits for its other direction
  loop.run();
  CHECK(relay.failure_of_sink().code == Code::kIo);
  CHECK(relay.to().unsent() == 0);
  ::shutdown(relay.source[1], SHUT_RDWR);
  sender.join();
}

TEST_CASE("once unlinked, bytes are copied again") {
  Loop loop;
  Relay relay(loop);
  relay.unlink();
  const std::string text = pattern(3'000'000);
  CHECK(relay.carry(text) == text);
  CHECK(relay.copied == text.size());
}

TEST_CASE("a loop lends its pipe again only if it is empty") {
  const auto fds = socket_pair();
  Loop loop;
  auto pipe = loop.take_pipe();
  REQUIRE(pipe != nullptr);
  Pipe* const first = pipe.get();
  CHECK(pipe->fill(fds[0]) == -EAGAIN);
  loop.give_back(std::move(pipe));
  pipe = loop.take_pipe();
  CHECK(pipe.get() == first);

  send_all(fds[1], "another's secret");
  CHECK(pipe->fill(fds[0]) == 16);
  const std::size_t before = open_descriptors();
  loop.give_back(std::move(pipe));
  CHECK(open_descriptors() == before - 2);
  pipe = loop.take_pipe();
  CHECK(pipe->size() == 0);
  ::close(fds[0]);
  ::close(fds[1]);
}

TEST_CASE("a pipe is read as its bytes came") {
  const auto fds = socket_pair();
  BufferPool buffers;
  ByteQueue queue(buffers);
  const auto pipe = Pipe::open();
  const std::string text = pattern(50'000);
  send_all(fds[1], text);
  CHECK(pipe->fill(fds[0]) == 50'000);
  pipe->read_into(queue);
  CHECK(pipe->size() == 0);
  std::string read;
  while (!queue.empty()) {
    read += queue.front();
    queue.consume(queue.front().size());
  }
  CHECK(read == text);
  ::close(fds[0]);
  ::close(fds[1]);
}
