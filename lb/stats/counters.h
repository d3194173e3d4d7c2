// Counters of the data path: one set per entity (frontend, backend, server) and worker, each written by one
// thread only with relaxed stores (no locked instruction), read by the control thread. They survive reloads
// with their entity.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "lb/base/clock.h"
#include "lb/base/error.h"
#include "lb/stats/recent_times.h"

namespace reseal::stats {

/// Only ever grows. One writer, any number of readers.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. One writer, any number of readers.
class Gauge {
 public:
  void add(std::int64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// A gauge that remembers its highest value. The reader may have it forgotten; what is counted in the same instant may
/// survive that.
class PeakGauge {
 public:
  void add(std::int64_t n) {
    now_.add(n);
    if (now_.value() > peak()) peak_.store(now_.value(), std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t value() const { return now_.value(); }
  [[nodiscard]] std::int64_t peak() const { return peak_.load(std::memory_order_relaxed); }
  void forget_peak() { peak_.store(0, std::memory_order_relaxed); }

 private:
  Gauge now_;
  std::atomic<std::int64_t> peak_{0};
};

/// When something happened last. One writer, any number of readers.
class Moment {
 public:
  void set(TimePoint when) { when_.store(when, std::memory_order_relaxed); }
  /// A default TimePoint: never.
  [[nodiscard]] TimePoint value() const { return when_.load(std::memory_order_relaxed); }

 private:
  std::atomic<TimePoint> when_{TimePoint()};
};

/// Log-linear histogram of latencies: 4 buckets per power of two from 64 µs to over 60 s, so that a bucket's
/// upper bound is at most 25 % above its lower one. One writer.
class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = 84;
  /// A negative latency counts as 0.
  void record(Microseconds latency) {
    buckets_[bucket_of(latency)].add();
    sum_.add(static_cast<std::uint64_t>(latency.count() > 0 ? latency.count() : 0));
  }
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return buckets_[bucket].value(); }
  [[nodiscard]] std::uint64_t sum_microseconds() const { return sum_.value(); }

  static std::size_t bucket_of(Microseconds latency);
  /// Upper bound (exclusive) of a bucket; the last one is unbounded (max()).
  static Microseconds upper_bound(std::size_t bucket);

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter sum_;
};

/// What is counted for every frontend, backend and server, by one worker.
struct alignas(64) TrafficCounters {
  Counter connections;  ///< accepted (frontend) or opened (server) connections
  PeakGauge open_connections;
  Gauge idle_connections;  ///< of these, kept for the next request (server)
  Counter requests;        ///< requests begun (frontend, backend) or sent (server; every attempt counts)
  PeakGauge in_flight;
  Moment last_request;               ///< when one began (backend, server)
  std::array<Counter, 6> responses;  ///< by class: index 1..5; 0: none (aborted)
  Counter bytes_in;                  ///< body bytes from the client
  Counter bytes_out;                 ///< body bytes to the client
  Counter head_bytes_in;             ///< of requests, as HAProxy counts heads
  Counter head_bytes_out;            ///< of the servers' responses
  Counter bytes_spliced;             ///< of both, those that passed between two sockets unread (frontend)
  Counter connect_errors;            ///< failed attempts to connect, TLS included
  Counter response_errors;           ///< connected, but no complete valid response
  Counter retries;                   ///< attempts after the first
  Counter repeats;                   ///< of these, on the same server (backend, server)
  Counter moved_away;                ///< and on another, counted at the one it failed at (backend, server)
  Counter unconnected;          ///< requests that came to their end without a connection (backend, server)
  Counter reuses;               ///< requests on a connection that was open already (backend, server)
  Counter intercepted;          ///< requests that a rule or a page of reseal answered (frontend)
  Counter refused_connections;  ///< by rules, as they were accepted (frontend)
  Counter refused_sessions;     ///< and after their handshake
  Counter retries_denied;       ///< would have been, had the retry budget not been used up (backend)
  Counter queued;               ///< requests that had to wait for a server (backend)
  PeakGauge in_queue;           ///< of these, waiting now
  Counter handshakes_full;
  Counter handshakes_resumed;
  Counter handshake_errors;
  Counter compressed_responses;   ///< backend
  Counter compression_bytes_in;   ///< of their bodies, as the servers sent them
  Counter compression_bytes_out;  ///< and as they went to the clients
  std::array<Counter, static_cast<std::size_t>(Code::kCount_)> failures;  ///< failed requests by cause
  RecentTimes times;                                                      ///< backend, server
  LatencyHistogram latency;  ///< request head complete to response end
};

/// The sum over workers at one moment.
struct TrafficTotals {
  std::uint64_t connections = 0, requests = 0, bytes_in = 0, bytes_out = 0, bytes_spliced = 0,
                connect_errors = 0, response_errors = 0, retries = 0, retries_denied = 0, queued = 0,
                handshakes_full = 0, handshakes_resumed = 0, handshake_errors = 0, compressed_responses = 0,
                compression_bytes_in = 0, compression_bytes_out = 0, repeats = 0, moved_away = 0,
                unconnected = 0, reuses = 0, intercepted = 0, refused_connections = 0, refused_sessions = 0,
                head_bytes_in = 0, head_bytes_out = 0;
  std::int64_t open_connections = 0, idle_connections = 0, in_flight = 0, in_queue = 0;
  /// The most there have been: at least so many, since each worker only knows its own peak.
  std::int64_t most_connections = 0, most_in_flight = 0, most_in_queue = 0;
  TimePoint last_request{};  ///< the clock's zero: never
  RecentTotals times;
  std::array<std::uint64_t, 6> responses{};
  std::array<std::uint64_t, static_cast<std::size_t>(Code::kCount_)> failures{};
  std::array<std::uint64_t, LatencyHistogram::kBuckets> latency{};
  std::uint64_t latency_sum_microseconds = 0;

  /// The latency that a share `quantile` (0..1) of requests did not exceed (a bucket's upper bound); 0 with
  /// no data.
  [[nodiscard]] Microseconds quantile(double quantile) const;
  /// The failed requests of these causes.
  [[nodiscard]] std::uint64_t failed_by(std::initializer_list<Code> causes) const;
  /// What has been counted since `earlier`; what is now stays as it is.
  [[nodiscard]] TrafficTotals since(const TrafficTotals& earlier) const;
};

/// How many there were in the second before now; written once a second by the control thread, read by any.
struct RecentRates {
  std::atomic<std::uint32_t> requests{0};
  std::atomic<std::uint32_t> connections{0};
};

/// One entity's counters, one slot a worker. Shared by generations; destroyed with the last.
class CounterSet {
 public:
  explicit CounterSet(int workers) : slots_(static_cast<std::size_t>(workers)) {}
  /// The slot only `worker`'s thread may write.
  [[nodiscard]] std::size_t workers() const { return slots_.size(); }
  TrafficCounters& of(int worker) { return slots_[static_cast<std::size_t>(worker)]; }
  [[nodiscard]] TrafficTotals total() const;
  [[nodiscard]] RecentRates& rates() { return rates_; }
  [[nodiscard]] const RecentRates& rates() const { return rates_; }
  /// The peaks and the longest times begin anew.
  void forget_peaks();
  /// Sum of requests only.
  [[nodiscard]] std::uint64_t requests() const;
  /// Sum of in_flight only: for least connections, on the data path.
  [[nodiscard]] std::int64_t in_flight() const;
  /// Sum of open_connections only.
  [[nodiscard]] std::int64_t open_connections() const;

 private:
  std::vector<TrafficCounters> slots_;
  RecentRates rates_;
};

}  // namespace reseal::stats
