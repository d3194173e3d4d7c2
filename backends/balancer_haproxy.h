// From a hash to a server as HAProxy's `hash-type` has it: by a map with a place for each unit of weight, or by a ring on
// which each server has many points. With the same servers, ids and weights the choice is HAProxy's. State per worker. Single
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backends/balancer.h"

namespace reseal::backends {

/// hash-type map-based.
class ServerMap {
 public:
  ServerMap() = default;
  /// `weights`: of all servers of the backend, whose common divisor makes the map small.
  explicit ServerMap(std::span<const std::uint32_t> weights);

  /// Index into `candidates`, which is not empty. Lays the map out anew when they are others than the last time.
  std::size_t pick(std::span<const Candidate> candidates, std::uint32_t hash);

 private:
  [[nodiscard]] bool is_of(std::span<const Candidate> candidates) const;
  void lay_out(std::span<const Candidate> candidates);

  struct Known {
    std::uint32_t server, weight;
  };
  std::uint32_t divisor_ = 1;
  std::vector<Known> known_;           // what places_ was made of
  std::vector<std::uint32_t> places_;  // indices into known_
};

/// hash-type consistent.
class ServerRing {
 public:
  struct Member {
    std::uint32_t id, weight;
  };
  ServerRing() = default;
  explicit ServerRing(std::span<const Member> servers);

  /// Index into `candidates`, which is not empty and in the order of the servers. `most_load`: percent of its share of what
  /// is under way that a server takes at most; 0: any.
  std::size_t pick(std::span<const Candidate> candidates, std::uint32_t hash, std::uint32_t most_load);

 private:
  struct Point {
    std::uint32_t at, server, number;
  };
  [[nodiscard]] const Candidate* owner(std::span<const Candidate> candidates, std::size_t point) const;

  std::vector<Point> points_;  // in their order on the ring
  std::vector<std::uint32_t>
      places_;  // scratch: by server, one more than its index among the candidates; 0: none
};

}  // namespace reseal::backends
