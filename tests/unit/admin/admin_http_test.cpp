#include "lb/admin/admin_http.h"

#include <netinet/in.h>

#include <catch2/catch.hpp>
#include <memory>

#include "tests/unit/admin/admin_test_support.h"

using namespace reseal;
using namespace reseal::admin;

namespace {

struct Served {
  Served() {
    auto sockets = net::listen_tcp(*net::Address::parse("127.0.0.1", 0), 1, {.backlog = 64});
    REQUIRE(sockets);
    address = net::bound_address(sockets->front().value());
    http = std::make_unique<AdminHttp>(loop, std::move(sockets->front()),
                                       std::vector<std::string>{"lb1.example"}, control, log);
  }
  [[nodiscard]] Client connect() const {
    net::Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    ::connect(fd.value(), address.data(), address.size());
    return Client(std::move(fd));
  }

  net::Address address;
  net::Loop loop;
  Log log{Log::Level::kOff};
  FakeControl control;
  std::unique_ptr<AdminHttp> http;
};

std::string request(const std::string& line, const std::string& fields = "Connection: close\r\n") {
  return line + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("each page has its status, its type and its text; what is no page is answered in words") {
  struct Case {
    std::string request;
    const char* status;
    const char* part;
  };
  const Case cases[] = {
      {request("GET /metrics"), "200 ", "Content-Type: text/plain; version=0.0.4"},
      {request("GET /metrics"), "200 ", "\n# TYPE reseal_build_info gauge\n"},
      {request("GET /metrics?a=b"), "200 ", "\n# TYPE reseal_build_info gauge\n"},
      {request("GET /stats.json"), "200 ", "Content-Type: application/json\r\n"},
      {request("GET /stats.json"), "200 ", "\"version\": \"1.2.3\""},
      {request("GET /health"), "200 ", "\r\n\r\nok\n"},
      {request("GET /"), "200 ", "/metrics "},
      {request("GET /nothing"), "404 ", "there is no such page; there are:\n/metrics "},
      {request("GET /metrics/"), "404 ", "there is no such page"},
      {request("DELETE /metrics"), "405 ", "Allow: GET, HEAD\r\n"},
      {"GET / HTTP/1.1\r\n\r\n", "400 ", "breaks the rules of HTTP"},
      {"nonsense\r\n\r\n", "400 ", "breaks the rules of HTTP"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505 ", "Only HTTP/1.0 and HTTP/1.1"},
      {request("GET /" + std::string(2000, 'a')), "414 ", "too long"},
      {request("GET /", "X: " + std::string(9000, 'a') + "\r\n"), "431 ", "too large"},
  };
  Served served;
  serve_during(served.loop, [&] {
    for (const Case& c : cases) {
      for (const std::size_t piece : {1, 7, 31, 65536}) {
        Client client = served.connect();
        client.send(c.request, piece);
        const std::string answer = client.receive();
        INFO(c.request.substr(0, 40) << " -> " << answer.substr(0, 200));
        CHECK(answer.starts_with(std::string("HTTP/1.1 ") + c.status));
        CHECK(contains(answer, c.part));
        CHECK(contains(answer, "Content-Length: "));
      }
    }
  });
}

TEST_CASE("health says 503 while draining, and the rest goes on") {
  Served served;
  served.control.draining = true;
  serve_during(served.loop, [&] {
    Client client = served.connect();
    client.send(request("GET /health"));
    const std::string health = client.receive();
    CHECK(health.starts_with("HTTP/1.1 503 "));
    CHECK(health.ends_with("\r\n\r\ndraining\n"));
    Client other = served.connect();
    other.send(request("GET /metrics"));
    CHECK(other.receive().starts_with("HTTP/1.1 200 "));
  });
}

TEST_CASE("HEAD has the fields of GET and no body, and the connection goes on after it") {
  Served served;
  serve_during(served.loop, [&] {
    Client client = served.connect();
    client.send(request("HEAD /health", ""));
    const std::string head = client.receive("\r\n\r\n");
    CHECK(contains(head, "Content-Length: 3\r\n"));
    client.send(request("GET /health", ""));
    CHECK(client.receive("ok\n").ends_with("\r\n\r\nok\n"));
    client.end();
    CHECK(client.receive().empty());
  });
}

TEST_CASE("pipelined requests are answered in order") {
  Served served;
  serve_during(served.loop, [&] {
    Client client = served.connect();
    client.send(request("GET /health", "") + request("GET /nothing", "") + request("GET /health"));
    const std::string all = client.receive();
    CHECK(occurrences(all, "HTTP/1.1 ") == 3);
    CHECK(all.find("200 OK") < all.find("404 "));
    CHECK(all.ends_with("ok\n"));
  });
}

TEST_CASE("a body that nobody wants does not cost the client its answer") {
  Served served;
  serve_during(served.loop, [&] {
    const std::size_t size = 4 * 1024 * 1024;
    Client client = served.connect();
    client.send(request("POST /metrics", "Content-Length: " + std::to_string(size) + "\r\n"));
    CHECK(client.send(std::string(size, 'b')));  // taken, not reset: a reset may overtake the answer
    client.end();
    const std::string answer = client.receive();
    CHECK(answer.starts_with("HTTP/1.1 405 "));
    CHECK(answer.ends_with("only GET and HEAD are served here\n"));
  });
}

TEST_CASE(
    "a client that asks on and on without reading is answered no faster than it reads, and completely") {
  Served served;
  served.control.padding = 1'000'000;
  constexpr int kRequests = 60;
  serve_during(served.loop, [&] {
    Client greedy = served.connect();
    for (int i = 1; i < kRequests; ++i) greedy.send(request("GET /stats.json", ""));
    greedy.send(request("GET /stats.json"));
    // Others are served meanwhile; each of their answers is a turn of the loop that could have served the
    // greedy one.
    for (int i = 0; i < 50; ++i) {
      Client other = served.connect();
      other.send(request("GET /health"));
      CHECK(other.receive().starts_with("HTTP/1.1 200 "));
    }
    CHECK(served.control.snapshots < kRequests / 2);
    const std::string all = greedy.receive();
    CHECK(occurrences(all, "HTTP/1.1 200 ") == kRequests);
    CHECK(all.size() > kRequests * served.control.padding);
    CHECK(all.ends_with("}\n"));
  });
  CHECK(served.control.snapshots == kRequests);
}

TEST_CASE("a page is shown to who asks for it by an address, localhost or a name of its own") {
  const std::pair<const char*, const char*> cases[] = {
      {"localhost", "200 "},      {"LocalHost:9901", "200 "},    {"localhost.", "200 "},
      {"127.0.0.1:9901", "200 "}, {"[::1]:9901", "200 "},        {"192.0.2.1", "200 "},
      {"LB1.example", "200 "},    {"lb1.example.:9901", "200 "}, {"rebound.example", "421 "},
      {"localhost.x", "421 "},    {"x.lb1.example", "421 "},     {"127.0.0.1.x", "421 "},
  };
  Served served;
  serve_during(served.loop, [&] {
    for (const auto& [host, status] : cases) {
      INFO(host);
      for (const std::string page : {"/metrics", "/stats.json", "/health", "/"}) {
        Client client = served.connect();
        client.send("GET " + page + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
        CHECK(client.receive().starts_with(std::string("HTTP/1.1 ") + status));
      }
    }
    Client old = served.connect();
    old.send("GET /health HTTP/1.0\r\n\r\n");
    CHECK(contains(old.receive(), " 200 "));
  });
}

TEST_CASE(
    "a page arrives whole before the end of the connection, whatever part of it the kernel takes at first") {
  UnixFolder folder;
  auto listening = net::listen_unix(folder.path());
  REQUIRE(listening);
  net::Loop loop;
  Log log(Log::Level::kOff);
  FakeControl control;
  const AdminHttp http(loop, std::move(*listening), {}, control, log);
  for (control.padding = 64'000; control.padding < 700'000; control.padding += 6'000) {
    serve_during(loop, [&] {
      Client client = folder.connect();
      client.send(request("GET /stats.json"));
      if (control.padding % 4000 == 0) client.end();
      Client other = folder.connect();  // answered after the page has been written as far as it went
      other.send(request("GET /health"));
      CHECK(other.receive().starts_with("HTTP/1.1 200 "));
      const std::string all = client.receive();
      CHECK(all.size() > control.padding);
      CHECK(all.ends_with("}\n"));
    });
  }
}

TEST_CASE("connections of any state end with the address") {
  Served served;
  Client idle = served.connect();
  Client half = served.connect();
  serve_during(served.loop, [&] {
    half.send("GET / HT");
    Client other = served.connect();
    other.send(request("GET /health"));
    CHECK(other.receive().starts_with("HTTP/1.1 200 "));
  });
  served.http.reset();
  CHECK_FALSE(contains(idle.receive(), "HTTP"));
  CHECK_FALSE(contains(half.receive(), "HTTP"));
}
