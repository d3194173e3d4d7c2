// HTTP/2 through the client side's session: the first request of a connection, and one of many later ones, whose
// fields HPACK has seen before.
#include <nghttp2/nghttp2.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/micro/measuring.h"
#include "lb/http/h2_server.h"
#include "tests/support/h2_frames.h"
#include "tests/support/memory_sink.h"

namespace reseal::bench {
namespace {

using namespace reseal::http;
namespace h2 = reseal::test::h2;

/// Answers every request at once with a body of 1 KiB. One exchange, since no request waits.
class Answerer final : ServerSessionEvents, RequestEvents {
 public:
  void feed(std::string_view bytes) {
    now_ += std::chrono::milliseconds(1);
    session_.feed(bytes);
    while (std::exchange(output_pending_, false)) session_.write_output();
    sink_.output().clear();
  }
  [[nodiscard]] std::int64_t answered() const { return answered_; }

 private:
  RequestEvents& begin_request() override {
    request_.reset();
    return *this;
  }
  RequestHead& request_head() override { return request_; }
  void on_request(RequestEvents&, ResponseWriter& writer) override {
    response_.reset();
    response_.status = 200;
    response_.add(FieldName::kContentType, "content-type", "text/html");
    response_.framing = {BodyKind::kLength, body_.size(), false};
    writer.send_head(response_);
    writer.send_body(body_);
    writer.send_end({});
    ++answered_;
  }
  void on_bad_request(RequestEvents&, const Error&, ResponseWriter&) override { refused(); }
  void on_request_body(std::string_view) override {}
  void on_request_end(std::span<Field>) override {}
  void on_request_failed(const Error&) override { refused(); }
  void on_client_gone(const Error&) override { refused(); }
  void on_response_drained() override {}
  void on_response_complete() override {}
  void on_output_end() override {}
  void on_output_pending() override { output_pending_ = true; }
  void on_session_done() override { refused(); }
  void on_session_aborted() override { refused(); }
  static void refused() { require(false, "the HTTP/2 session refuses what it gets"); }

  TimePoint now_{std::chrono::hours(1)};
  BufferPool pool_;
  test::MemorySink sink_{pool_};
  RequestHead request_{pool_};
  ResponseHead response_{pool_};
  const std::string body_ = std::string(1024, 'b');
  std::int64_t answered_ = 0;
  bool output_pending_ = false;
  H2Server session_{sink_, static_cast<ServerSessionEvents&>(*this), pool_, {}, now_};
};

/// A browser's requests, encoded as one connection's encoder does it.
class Browser {
 public:
  Browser() {
    nghttp2_hd_deflater* made = nullptr;
    require(nghttp2_hd_deflate_new(&made, 4096) == 0, "no memory");
    deflater_.reset(made);
  }

  /// Preface, settings and the windows of Chromium.
  static std::string hello() {
    return h2::kPreface + h2::settings({{1, 65536}, {2, 0}, {4, 6291456}, {6, 262144}}) + h2::settings_ack() +
           h2::window_update(0, 15663105);
  }
  std::string request_block() {
    std::vector<nghttp2_nv> fields;
    for (const auto& [name, value] : kFields) {
      // nghttp2 takes its input as not const; it does not write to it.
      fields.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                        reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                        value.size(), 0});
    }
    std::string block(4096, '\0');
    const ssize_t size = nghttp2_hd_deflate_hd(deflater_.get(), reinterpret_cast<std::uint8_t*>(block.data()),
                                               block.size(), fields.data(), fields.size());
    require(size > 0, "the request's fields cannot be encoded");
    block.resize(static_cast<std::size_t>(size));
    return block;
  }
  static std::string request(std::uint32_t stream, std::string_view block) {
    return h2::frame(h2::kHeaders, h2::kEndStream | h2::kEndHeaders, stream, block);
  }

 private:
  static const h2::Fields kFields;
  struct Deleter {
    void operator()(nghttp2_hd_deflater* deflater) const { nghttp2_hd_deflate_del(deflater); }
  };
  std::unique_ptr<nghttp2_hd_deflater, Deleter> deflater_;
};
const h2::Fields Browser::kFields = {
    {":method", "GET"},
    {":authority", "www.example.com"},
    {":scheme", "https"},
    {":path", "/articles/2026/11/a-load-balancer?page=2&sort=newest"},
    {"sec-ch-ua-mobile", "?0"},
    {"sec-ch-ua-platform", "\"Linux\""},
    {"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"},
    {"accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"},
    {"sec-fetch-mode", "navigate"},
    {"accept-encoding", "gzip, deflate, br, zstd"},
    {"accept-language", "en-GB,en;q=0.9,de;q=0.8"},
    {"cookie", "session=4f1d2c9a8b7e6d5c4b3a29181706f5e4"},
    {"cookie", "theme=dark"},
};

void http2_first_request(benchmark::State& state) {
  const std::string bytes = Browser::hello() + Browser::request(1, Browser().request_block());
  const CountAllocations counted(state);
  for (auto _ : state) {
    Answerer server;
    server.feed(bytes);
    require(server.answered() == 1, "the request is not answered");
  }
  report_items(state);
}
BENCHMARK(http2_first_request);

void http2_later_request(benchmark::State& state) {
  Browser browser;
  Answerer server;
  server.feed(Browser::hello() + Browser::request(1, browser.request_block()));
  // The response's bytes are given back to the window, as a client that reads does.
  std::string bytes = Browser::request(3, browser.request_block()) + h2::window_update(0, 1024);
  std::uint32_t stream = 3;
  const CountAllocations counted(state);
  for (auto _ : state) {
    server.feed(bytes);
    stream += 2;
    bytes.replace(5, 4, h2::number(stream, 4));  // no longer than a string holds without memory of its own
  }
  require(server.answered() == state.iterations() + 1, "a request is not answered");
  report_items(state);
}
BENCHMARK(http2_later_request);

}  // namespace
}  // namespace reseal::bench
