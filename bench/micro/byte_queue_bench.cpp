// Bytes through a queue: written at the back in pieces, read at the front.
#include <string>

#include "bench/micro/measuring.h"
#include "lb/base/byte_queue.h"

namespace reseal::bench {
namespace {

void byte_queue(benchmark::State& state) {
  constexpr std::size_t kBytes = 64 * 1024;
  const std::string piece(static_cast<std::size_t>(state.range(0)), 'b');
  BufferPool pool;
  ByteQueue queue(pool);
  const CountAllocations counted(state);
  for (auto _ : state) {
    for (std::size_t left = kBytes; left != 0; left -= piece.size()) queue.append(piece);
    while (!queue.empty()) queue.consume(queue.front().size());
  }
  report_bytes(state, kBytes);
}
BENCHMARK(byte_queue)->Arg(64)->Arg(1024)->Arg(16 * 1024);

}  // namespace
}  // namespace reseal::bench
