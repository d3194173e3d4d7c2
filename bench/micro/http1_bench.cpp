// HTTP/1: heads in and out, chunks, and a whole exchange through both sessions.
#include <string>

#include "bench/micro/measuring.h"
#include "bench/micro/messages.h"
#include "lb/http/chunked_decoder.h"
#include "lb/http/h1_parser.h"
#include "lb/http/h1_writer.h"
#include "tests/support/h1_relay.h"

namespace reseal::bench {
namespace {

using namespace reseal::http;

void request_head(benchmark::State& state, std::string_view bytes) {
  BufferPool pool;
  RequestHead head(pool);
  const CountAllocations counted(state);
  for (auto _ : state) {
    head.reset();
    const std::size_t end = find_head_end(bytes, 0);
    require(parse_request_head(bytes.substr(0, end), {}, head).has_value(), "the request is refused");
    benchmark::DoNotOptimize(head.fields.data());
  }
  report_bytes(state, bytes.size());
}
BENCHMARK_CAPTURE(request_head, browser, kBrowserRequest);
BENCHMARK_CAPTURE(request_head, short, kShortRequest);

void response_head(benchmark::State& state) {
  BufferPool pool;
  ResponseHead head(pool);
  const CountAllocations counted(state);
  for (auto _ : state) {
    head.reset();
    const std::size_t end = find_head_end(kNginxResponseHead, 0);
    require(parse_response_head(kNginxResponseHead.substr(0, end), {}, Method::kGet, head).has_value(),
            "the response is refused");
    benchmark::DoNotOptimize(head.fields.data());
  }
  report_bytes(state, kNginxResponseHead.size());
}
BENCHMARK(response_head);

/// Parsed, sanitized and written again, as a proxy does with every request.
void request_head_round_trip(benchmark::State& state) {
  BufferPool pool;
  RequestHead head(pool);
  ByteQueue out(pool);
  const CountAllocations counted(state);
  for (auto _ : state) {
    head.reset();
    require(parse_request_head(kBrowserRequest, {}, head).has_value(), "the request is refused");
    drop_hop_by_hop(head);
    (void)drop_untrusted_fields(head, UnderscoreFields::kDrop, false);
    write_request_head(head, out);
    benchmark::DoNotOptimize(out.front().data());
    out.clear();
  }
  report_bytes(state, kBrowserRequest.size());
}
BENCHMARK(request_head_round_trip);

void write_response(benchmark::State& state) {
  BufferPool pool;
  ResponseHead head(pool);
  require(parse_response_head(kNginxResponseHead, {}, Method::kGet, head).has_value(), "refused");
  drop_hop_by_hop(head);
  ByteQueue out(pool);
  std::size_t written = 0;
  const CountAllocations counted(state);
  for (auto _ : state) {
    write_response_head(head, head.framing, {}, out);
    written = out.size();
    out.clear();
  }
  report_bytes(state, written);
}
BENCHMARK(write_response);

/// A body of 64 KiB in chunks of the given size.
void chunked_body(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  BufferPool pool;
  ByteQueue encoded(pool);
  constexpr std::size_t kBody = 64 * 1024;
  for (std::size_t left = kBody; left != 0; left -= size) write_chunk(std::string(size, 'b'), encoded);
  write_last_chunk({}, encoded);
  std::string bytes;
  for (; !encoded.empty(); encoded.consume(encoded.front().size())) bytes += encoded.front();

  ChunkedDecoder decoder;
  const CountAllocations counted(state);
  for (auto _ : state) {
    decoder.reset(Origin::kClient);
    std::size_t decoded = 0;
    for (std::string_view rest = bytes; !decoder.done();) {
      const auto step = decoder.step(rest);
      require(step.has_value(), "the body is refused");
      decoded += step->data.size();
      rest.remove_prefix(step->consumed);
    }
    require(decoded == kBody, "a part of the body is missing");
  }
  report_bytes(state, bytes.size());
}
BENCHMARK(chunked_body)->Arg(64)->Arg(4096);

/// From the client to the server and back, with a body of 1 KiB.
void exchange(benchmark::State& state, std::string_view request) {
  const std::string response = std::string(kNginxResponseHead) + std::string(1024, 'b');
  test::H1Relay relay(request, response);
  relay.run();
  const CountAllocations counted(state);
  for (auto _ : state) relay.run();
  require(relay.failed == 0 && relay.completed == state.iterations() + 1, "an exchange is not complete");
  report_items(state);
}
BENCHMARK_CAPTURE(exchange, browser, kBrowserRequest);
BENCHMARK_CAPTURE(exchange, short, kShortRequest);

}  // namespace
}  // namespace reseal::bench
