#include "lb/stats/counters.h"

#include <algorithm>
#include <bit>

namespace reseal::stats {
namespace {

// Bucket 0 holds everything below 64 µs; after that each power of two has four buckets of equal width.
constexpr int kFirstPower = 6;
constexpr std::size_t kPerPower = 4;

}  // namespace

std::size_t LatencyHistogram::bucket_of(Microseconds latency) {
  const auto value = static_cast<std::uint64_t>(latency.count() > 0 ? latency.count() : 0);
  if (value < (1U << kFirstPower)) return 0;
  const int power = std::bit_width(value) - 1;
  const std::size_t quarter = (value >> (power - 2)) & (kPerPower - 1);
  const std::size_t bucket = 1 + static_cast<std::size_t>(power - kFirstPower) * kPerPower + quarter;
  return bucket < kBuckets ? bucket : kBuckets - 1;
}

Microseconds LatencyHistogram::upper_bound(std::size_t bucket) {
  if (bucket == 0) return Microseconds(1 << kFirstPower);
  if (bucket >= kBuckets - 1) return Microseconds::max();
  const std::size_t power = kFirstPower + (bucket - 1) / kPerPower;
  const std::size_t quarter = (bucket - 1) % kPerPower;
  return Microseconds((std::int64_t{1} << power) + (static_cast<std::int64_t>(quarter + 1) << (power - 2)));
}

Microseconds TrafficTotals::quantile(double quantile) const {
  std::uint64_t count = 0;
  for (const std::uint64_t n : latency) count += n;
  if (count == 0) return Microseconds(0);
  const double wanted = quantile * static_cast<double>(count);
  std::uint64_t seen = 0;
  std::size_t last = 0;
  for (std::size_t bucket = 0; bucket < latency.size(); ++bucket) {
    if (latency[bucket] == 0) continue;
    seen += latency[bucket];
    last = bucket;
    if (static_cast<double>(seen) >= wanted) break;
  }
  // The last bucket has no upper bound; its lower one is the best that can be said.
  return last == LatencyHistogram::kBuckets - 1 ? LatencyHistogram::upper_bound(last - 1)
                                                : LatencyHistogram::upper_bound(last);
}

std::uint64_t TrafficTotals::failed_by(std::initializer_list<Code> causes) const {
  std::uint64_t sum = 0;
  for (const Code cause : causes) sum += failures[static_cast<std::size_t>(cause)];
  return sum;
}

TrafficTotals TrafficTotals::since(const TrafficTotals& earlier) const {
  TrafficTotals rest = *this;
  for (const auto counted : {&TrafficTotals::connections,
                             &TrafficTotals::requests,
                             &TrafficTotals::bytes_in,
                             &TrafficTotals::bytes_out,
                             &TrafficTotals::bytes_spliced,
                             &TrafficTotals::connect_errors,
                             &TrafficTotals::response_errors,
                             &TrafficTotals::retries,
                             &TrafficTotals::retries_denied,
                             &TrafficTotals::queued,
                             &TrafficTotals::handshakes_full,
                             &TrafficTotals::handshakes_resumed,
                             &TrafficTotals::handshake_errors,
                             &TrafficTotals::compressed_responses,
                             &TrafficTotals::compression_bytes_in,
                             &TrafficTotals::compression_bytes_out,
                             &TrafficTotals::repeats,
                             &TrafficTotals::moved_away,
                             &TrafficTotals::unconnected,
                             &TrafficTotals::reuses,
                             &TrafficTotals::intercepted,
                             &TrafficTotals::refused_connections,
                             &TrafficTotals::refused_sessions,
                             &TrafficTotals::head_bytes_in,
                             &TrafficTotals::head_bytes_out,
                             &TrafficTotals::latency_sum_microseconds}) {
    rest.*counted -= earlier.*counted;
  }
  for (std::size_t i = 0; i < responses.size(); ++i) rest.responses[i] -= earlier.responses[i];
  for (std::size_t i = 0; i < failures.size(); ++i) rest.failures[i] -= earlier.failures[i];
  for (std::size_t i = 0; i < latency.size(); ++i) rest.latency[i] -= earlier.latency[i];
  return rest;
}

TrafficTotals CounterSet::total() const {
  TrafficTotals sum;
  for (const TrafficCounters& slot : slots_) {
    sum.connections += slot.connections.value();
    sum.open_connections += slot.open_connections.value();
    sum.requests += slot.requests.value();
    sum.in_flight += slot.in_flight.value();
    sum.idle_connections += slot.idle_connections.value();
    sum.most_connections = std::max(sum.most_connections, slot.open_connections.peak());
    sum.most_in_flight = std::max(sum.most_in_flight, slot.in_flight.peak());
    sum.most_in_queue = std::max(sum.most_in_queue, slot.in_queue.peak());
    sum.last_request = std::max(sum.last_request, slot.last_request.value());
    sum.repeats += slot.repeats.value();
    sum.moved_away += slot.moved_away.value();
    sum.unconnected += slot.unconnected.value();
    sum.reuses += slot.reuses.value();
    sum.intercepted += slot.intercepted.value();
    sum.refused_connections += slot.refused_connections.value();
    sum.refused_sessions += slot.refused_sessions.value();
    sum.head_bytes_in += slot.head_bytes_in.value();
    sum.head_bytes_out += slot.head_bytes_out.value();
    slot.times.add_to(sum.times);
    sum.bytes_in += slot.bytes_in.value();
    sum.bytes_out += slot.bytes_out.value();
    sum.bytes_spliced += slot.bytes_spliced.value();
    sum.connect_errors += slot.connect_errors.value();
    sum.response_errors += slot.response_errors.value();
    sum.retries += slot.retries.value();
    sum.retries_denied += slot.retries_denied.value();
    sum.queued += slot.queued.value();
    sum.in_queue += slot.in_queue.value();
    sum.handshakes_full += slot.handshakes_full.value();
    sum.handshakes_resumed += slot.handshakes_resumed.value();
    sum.handshake_errors += slot.handshake_errors.value();
    sum.compressed_responses += slot.compressed_responses.value();
    sum.compression_bytes_in += slot.compression_bytes_in.value();
    sum.compression_bytes_out += slot.compression_bytes_out.value();
    sum.latency_sum_microseconds += slot.latency.sum_microseconds();
    for (std::size_t i = 0; i < sum.responses.size(); ++i) sum.responses[i] += slot.responses[i].value();
    for (std::size_t i = 0; i < sum.failures.size(); ++i) sum.failures[i] += slot.failures[i].value();
    for (std::size_t i = 0; i < sum.latency.size(); ++i) sum.latency[i] += slot.latency.count(i);
  }
  sum.most_connections = std::max(sum.most_connections, sum.open_connections);
  sum.most_in_flight = std::max(sum.most_in_flight, sum.in_flight);
  sum.most_in_queue = std::max(sum.most_in_queue, sum.in_queue);
  return sum;
}

void CounterSet::forget_peaks() {
  for (TrafficCounters& slot : slots_) {
    slot.open_connections.forget_peak();
    slot.in_flight.forget_peak();
    slot.in_queue.forget_peak();
    slot.times.forget_longest();
  }
}

std::uint64_t CounterSet::requests() const {
  std::uint64_t sum = 0;
  for (const TrafficCounters& slot : slots_) sum += slot.requests.value();
  return sum;
}

std::int64_t CounterSet::in_flight() const {
  std::int64_t sum = 0;
  for (const TrafficCounters& slot : slots_) sum += slot.in_flight.value();
  return sum < 0 ? 0 : sum;
}

std::int64_t CounterSet::open_connections() const {
  std::int64_t sum = 0;
  for (const TrafficCounters& slot : slots_) sum += slot.open_connections.value();
  return sum < 0 ? 0 : sum;
}

}  // namespace reseal::stats
