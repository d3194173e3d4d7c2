// Both HTTP/2 ends of ours, nghttp2 on either side, connected by memory: whatever sizes the pieces on the way have,
// however the two pause, every byte arrives once and in order.
#include <catch2/catch.hpp>

#include <deque>
#include <memory>
#include <string>

#include "lb/base/random.h"
#include "lb/http/h2_client.h"
#include "lb/http/h2_server.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

/// Byte `at` of the body that request `number` carries.
char body_byte(std::size_t number, std::size_t at) {
  return static_cast<char>('a' + (number * 31 + at * 7 + at / 1000) % 26);
}
std::string body_part(std::size_t number, std::size_t from, std::size_t size) {
  std::string part(size, ' ');
  for (std::size_t i = 0; i < size; ++i) part[i] = body_byte(number, from + i);
  return part;
}

struct World;

/// Sends a body of its own, expects it back, and pauses now and then.
class Asking final : public ResponseEvents {
 public:
  Asking(World& world, std::size_t number, std::size_t size, bool stated);
  void push();
  void on_request_drained() override { push(); }
  ResponseHead& response_head() override { return response_; }
  void on_informational(ResponseHead&) override {}
  void on_response_head(ResponseHead& head) override { CHECK(head.status == 200); }
  void on_response_body(std::string_view data) override;
  void on_response_end(std::span<Field> trailers) override;
  void on_response_failed(const Error& error) override { FAIL("failed: " << describe(error)); }
  void maybe_resume();

  bool done = false;

 private:
  World& world_;
  const std::size_t number_;
  const std::size_t size_;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  bool paused_ = false;
  bool pushing_ = false;
  RequestHead request_;
  ResponseHead response_;
  RequestWriter* writer_ = nullptr;
};

/// Sends back what comes.
class Echoing final : public RequestEvents {
 public:
  explicit Echoing(BufferPool& pool) : request_(pool), response_(pool) {}
  void start(ResponseWriter& writer) {
    writer_ = &writer;
    response_.status = 200;
    response_.framing =
        request_.framing.kind == BodyKind::kLength ? request_.framing : Framing{BodyKind::kChunked, 0, false};
    writer.send_head(response_);
    writer.resume_request_body();
  }
  RequestHead& request_head() override { return request_; }
  void on_request_body(std::string_view data) override;
  void on_request_end(std::span<Field> trailers) override { writer_->send_end(trailers); }
  void on_request_failed(const Error& error) override { FAIL("failed: " << describe(error)); }
  void on_client_gone(const Error& error) override { FAIL("gone: " << describe(error)); }
  void on_response_drained() override { writer_->resume_request_body(); }

 private:
  RequestHead request_;
  ResponseHead response_;
  ResponseWriter* writer_ = nullptr;
};

struct World final : ServerSessionEvents, ClientSessionEvents {
  explicit World(std::uint64_t seed) : random(seed) {}

  RequestEvents& begin_request() override {
    echoing.push_back(std::make_unique<Echoing>(pool));
    return *echoing.back();
  }
  void on_request(RequestEvents& request, ResponseWriter& writer) override {
    static_cast<Echoing&>(request).start(writer);
  }
  void on_bad_request(RequestEvents&, const Error& error, ResponseWriter&) override {
    FAIL("bad request: " << describe(error));
  }
  void on_response_complete() override { ++completed; }
  void on_session_done() override { done = true; }
  void on_session_aborted() override { FAIL("aborted"); }
  void on_output_end() override { FAIL("output end"); }
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_capacity_changed() override {}

  /// One turn of both: what is written moves on, in pieces of any size.
  void turn() {
    client.write_output();
    move(to_server, [this](std::string_view part) { server.feed(part); });
    server.write_output();
    move(to_client, [this](std::string_view part) { client.feed(part); });
    client.on_drained();
    server.on_drained();
    for (auto& one : asking) one->maybe_resume();
  }
  template <class Feed>
  void move(reseal::test::MemorySink& from, Feed feed) {
    const std::string bytes = from.take();
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = 1 + random.below(random.below(4) == 0 ? 10 : 64 * 1024);
      feed(std::string_view(bytes).substr(at, size));
      at += size;
    }
  }

  Random random;
  BufferPool pool;
  TimePoint now{std::chrono::hours(1)};
  reseal::test::MemorySink to_server{pool};
  reseal::test::MemorySink to_client{pool};
  std::deque<std::unique_ptr<Echoing>> echoing;
  std::deque<std::unique_ptr<Asking>> asking;
  H2Server server{to_client, static_cast<ServerSessionEvents&>(*this), pool, {}, now};
  H2Client client{to_server, static_cast<ClientSessionEvents&>(*this), pool, "https", now};
  int completed = 0;
  bool done = false;
};

Asking::Asking(World& world, std::size_t number, std::size_t size, bool stated)
    : world_(world), number_(number), size_(size), request_(world.pool), response_(world.pool) {
  request_.method = Method::kPost;
  request_.method_text = "POST";
  request_.target = "/";
  request_.authority = "h";
  request_.framing = stated ? Framing{BodyKind::kLength, size, false} : Framing{BodyKind::kChunked, 0, false};
  writer_ = &world.client.open_request();
  writer_->send_head(request_, *this);
  push();
}

void Asking::push() {
  if (pushing_) return;
  pushing_ = true;
  while (sent_ < size_ && !writer_->is_backed_up()) {
    const std::size_t part = std::min<std::size_t>(size_ - sent_, 1 + world_.random.below(20000));
    writer_->send_body(body_part(number_, sent_, part));
    sent_ += part;
  }
  pushing_ = false;
  const Field trailers[] = {{FieldName::kOther, false, "X-Number", "n"}};
  if (sent_ == size_) writer_->send_end(trailers);
}

void Asking::on_response_body(std::string_view data) {
  REQUIRE(received_ + data.size() <= size_);
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data[i] != body_byte(number_, received_ + i)) FAIL("a wrong byte");
  }
  received_ += data.size();
  if (world_.random.below(8) == 0) {
    paused_ = true;
    writer_->pause_response();
  }
}

void Asking::maybe_resume() {
  if (!paused_ || world_.random.below(3) != 0) return;
  paused_ = false;
  writer_->resume_response();
}

void Asking::on_response_end(std::span<Field> trailers) {
  CHECK(received_ == size_);
  CHECK(trailers.size() == (request_.framing.kind == BodyKind::kChunked ? 1 : 0));
  CHECK(world_.client.close_request(*writer_));
  done = true;
}

void Echoing::on_request_body(std::string_view data) {
  writer_->send_body(data);
  if (writer_->is_backed_up()) writer_->pause_request_body();
}

TEST_CASE("Bodies of any size, many at a time, arrive whole on both sides of HTTP/2") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    World world(seed);
    world.turn();
    int done = 0;
    for (int round = 0; round < 4; ++round) {
      for (std::size_t i = 0; i < 12; ++i) {
        const std::uint64_t kind = world.random.below(4);
        const std::size_t size = kind == 0 ? 0
                                           : world.random.below(kind == 1   ? 10
                                                                : kind == 2 ? 5000
                                                                            : 400000);
        world.asking.push_back(
            std::make_unique<Asking>(world, world.asking.size(), size, world.random.below(2) == 0));
      }
      for (int turns = 0; turns < 20000; ++turns) {
        world.turn();
        done = 0;
        for (const auto& one : world.asking) done += one->done ? 1 : 0;
        if (done == static_cast<int>(world.asking.size())) break;
      }
      REQUIRE(done == static_cast<int>(world.asking.size()));
    }
    world.turn();
    CHECK(world.completed == done);
    CHECK(world.server.is_idle());
    CHECK(world.client.free_requests() == HeadLimits{}.streams);
    world.server.close_when_idle();
    world.turn();
    world.turn();
    CHECK(world.done);
    CHECK(world.client.free_requests() == 0);
  }
}

}  // namespace
}  // namespace reseal::http::test
