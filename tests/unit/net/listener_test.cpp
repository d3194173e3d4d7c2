#include "lb/net/listener.h"

#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <catch2/catch.hpp>
#include <optional>
#include <utility>

#include "lb/net/address.h"

using namespace reseal;
using namespace reseal::net;

namespace {

class Accepted final : public ListenerEvents {
 public:
  void on_connection(Fd fd, const Address&) override { last = std::move(fd), ++count; }
  void on_accept_paused(int) override {}

  Fd last;
  int count = 0;
};

Fd listening_socket() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  REQUIRE(::listen(fd.value(), 8) == 0);  // on a port of the system's choice
  return fd;
}

void connect_to(int listening, Fd& client) {
  sockaddr_storage name{};
  socklen_t length = sizeof(name);
  REQUIRE(::getsockname(listening, reinterpret_cast<sockaddr*>(&name), &length) == 0);
  client = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.value(), reinterpret_cast<const sockaddr*>(&name), length) == 0);
}

}  // namespace

TEST_CASE("a listener accepts what the kernel has queued before it closes", "[net][listener]") {
  Loop loop;
  Accepted accepted;
  Fd socket = listening_socket();
  const int number = socket.value();
  Listener listener(loop, std::move(socket), accepted);
  Fd client;
  connect_to(number, client);
  listener.drain_and_close();
  CHECK(accepted.count == 1);
  listener.resume();  // of a listener that is closed: nothing
  uv_run(loop.native(), UV_RUN_NOWAIT);
  CHECK(accepted.count == 1);
}

TEST_CASE("a listener that closed does not take its descriptor's number from who has it next",
          "[net][listener]") {
  Loop loop;
  Accepted accepted;
  Fd socket = listening_socket();
  const int number = socket.value();
  std::optional<Listener> listener(std::in_place, loop, std::move(socket), accepted);
  uv_run(loop.native(), UV_RUN_NOWAIT);
  listener->drain_and_close();

  // The number is free, and another socket of the same loop has it.
  Fd next = listening_socket();
  if (next.value() != number) {
    REQUIRE(::dup2(next.value(), number) == number);
    next = Fd(number);
  }
  Listener heir(loop, std::move(next), accepted);
  uv_run(loop.native(), UV_RUN_NOWAIT);
  listener.reset();
  Fd client;
  connect_to(number, client);
  uv_run(loop.native(), UV_RUN_NOWAIT);
  CHECK(accepted.count == 1);
}
