#include "lb/admin/admin_socket.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <vector>

#include "tests/unit/admin/admin_test_support.h"

using namespace reseal;
using namespace reseal::admin;

namespace {

/// An admin socket in a folder of its own.
struct Served {
  Served() {
    auto listening = net::listen_unix(folder.path());
    REQUIRE(listening);
    socket = std::make_unique<AdminSocket>(loop, std::move(*listening), folder.path(), control, log);
  }
  [[nodiscard]] Client connect() const { return folder.connect(); }

  UnixFolder folder;
  net::Loop loop;
  Log log{Log::Level::kOff};
  FakeControl control;
  std::unique_ptr<AdminSocket> socket;
};

}  // namespace

TEST_CASE("a line is answered however it is cut, and the connection closed") {
  Served served;
  serve_during(served.loop, [&] {
    for (const std::size_t piece : {1, 2, 3, 4, 5, 6, 7, 8, 16, 31, 1000}) {
      Client client = served.connect();
      client.send("  health  \n", piece);
      CHECK(client.receive() == "ok\nok\n");
    }
  });
}

TEST_CASE("a client that ends its side right after its line is answered, with or without a line feed") {
  Served served;
  serve_during(served.loop, [&] {
    for (const char* line : {"health\n", "health"}) {
      Client client = served.connect();
      client.send(line);
      client.end();
      CHECK(client.receive() == "ok\nok\n");
    }
    Client silent = served.connect();
    silent.end();
    CHECK(silent.receive().empty());
  });
}

TEST_CASE("what stands after the line feed is not read as a second command") {
  Served served;
  serve_during(served.loop, [&] {
    Client client = served.connect();
    client.send("health\nstop\n");
    CHECK(client.receive() == "ok\nok\n");
  });
  CHECK_FALSE(served.control.draining);
}

TEST_CASE("a line that is too long is refused, with a line feed at its end or without") {
  Served served;
  serve_during(served.loop, [&] {
    for (const std::string& line :
         {std::string(5000, 'a'), std::string(5000, 'a') + "\n", "stop" + std::string(5000, ' ') + "\n"}) {
      Client client = served.connect();
      client.send(line);
      CHECK(client.receive().starts_with("unknown\nthe command line is too long\n"));
    }
    Client client = served.connect();
    client.send(std::string(4000, ' ') + "health\n");
    CHECK(client.receive() == "ok\nok\n");
  });
  CHECK_FALSE(served.control.draining);
}

TEST_CASE("an answer arrives whole, whatever part of it the kernel takes at first") {
  Served served;
  for (served.control.padding = 64'000; served.control.padding < 700'000; served.control.padding += 6'000) {
    serve_during(served.loop, [&] {
      Client client = served.connect();
      client.send("stats\n");
      if (served.control.padding % 4000 == 0) client.end();
      Client other = served.connect();  // answered after the statistics have been written as far as they went
      other.send("health\n");
      CHECK(other.receive() == "ok\nok\n");
      const std::string answer = client.receive();
      CHECK(answer.size() > served.control.padding);
      CHECK(answer.ends_with("}\n"));
    });
  }
}

TEST_CASE("a reload is answered when it is done, and one whose asker has gone disturbs nobody") {
  Served served;
  std::unique_ptr<Client> waiting;
  serve_during(served.loop, [&] {
    waiting = std::make_unique<Client>(served.connect());
    waiting->send("reload\n");
    Client other = served.connect();
    other.send("health\n");
    CHECK(other.receive() == "ok\nok\n");
  });
  REQUIRE(served.control.pending);
  SECTION("still there") {
    {
      const net::Loop::Turn turn(served.loop);
      served.control.pending({true, "nothing changed\n"});
    }
    serve_during(served.loop, [&] { CHECK(waiting->receive() == "ok\nnothing changed\n"); });
  }
  SECTION("gone") {
    serve_during(served.loop, [&] {
      waiting->close();
      Client other = served.connect();
      other.send("health\n");
      CHECK(other.receive() == "ok\nok\n");
    });
    const net::Loop::Turn turn(served.loop);
    served.control.pending({true, "nothing changed\n"});
  }
  SECTION("the socket is gone itself") {
    served.socket.reset();
    const net::Loop::Turn turn(served.loop);
    served.control.pending({true, "nothing changed\n"});
  }
}

TEST_CASE("more connections than are served are closed at once; a place that gets free is taken again") {
  Served served;
  serve_during(served.loop, [&] {
    std::vector<Client> silent;
    for (int i = 0; i < 64; ++i) silent.push_back(served.connect());
    Client surplus = served.connect();
    CHECK(surplus.receive().empty());
    silent.clear();
    // When exactly the places are free is the loop's business.
    std::string answer;
    while (answer.empty()) {
      Client client = served.connect();
      if (client.send("health\n")) answer = client.receive();
      if (answer == "<failed>") answer.clear();
    }
    CHECK(answer == "ok\nok\n");
  });
}

TEST_CASE("the file is gone when the socket is") {
  Served served;
  CHECK(std::filesystem::is_socket(served.folder.path()));
  CHECK((std::filesystem::status(served.folder.path()).permissions() & std::filesystem::perms(0777)) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  served.socket.reset();
  CHECK_FALSE(std::filesystem::exists(served.folder.path()));
}
