#include "backends/balancer_haproxy.h"

#include <algorithm>
#include <numeric>

#include "backends/haproxy_hash.h"

namespace reseal::backends {
namespace {

constexpr std::uint32_t kPointsOfWeight = 16;  // of each unit of weight
constexpr std::uint32_t kPointsOfId = 4096;    // so many numbers are set aside for an id

/// Whether a server has taken its share of what is under way, with the request that is to be placed.
class LoadLimit {
 public:
  LoadLimit(std::span<const Candidate> candidates, std::uint32_t most_load) : candidates_(candidates) {
    std::uint64_t under_way = 1;
    for (const Candidate& candidate : candidates) {
      total_ += weight(candidate);
      under_way += candidate.in_flight;
    }
    places_ = (under_way * most_load + 99) / 100;
  }
  [[nodiscard]] bool is_full(const Candidate& candidate) const {
    std::uint64_t before = 0;
    for (const Candidate* other = candidates_.data(); other != &candidate; ++other) before += weight(*other);
    // Whole places by weight, and the rest of them in the order of the servers.
    const std::uint64_t own = weight(candidate), rest = places_ % total_;
    const std::uint64_t share =
        own * (places_ / total_) + (before + own) * rest / total_ - before * rest / total_;
    return candidate.in_flight >= std::max<std::uint64_t>(share, 1);
  }

 private:
  static std::uint64_t weight(const Candidate& candidate) {
    return std::uint64_t{candidate.weight} * kPointsOfWeight;
  }
  std::span<const Candidate> candidates_;
  std::uint64_t total_ = 0, places_ = 0;
};

}  // namespace

// ---- the map

ServerMap::ServerMap(std::span<const std::uint32_t> weights) {
  const std::uint32_t divisor = std::accumulate(
      weights.begin(), weights.end(), 0U, [](std::uint32_t a, std::uint32_t b) { return std::gcd(a, b); });
  divisor_ = std::max(divisor, 1U);
}

bool ServerMap::is_of(std::span<const Candidate> candidates) const {
  return std::ranges::equal(candidates, known_, [](const Candidate& candidate, const Known& known) {
    return candidate.server == known.server && candidate.weight == known.weight;
  });
}

void ServerMap::lay_out(std::span<const Candidate> candidates) {
  known_.clear();
  places_.clear();
  std::int64_t total = 0;
  std::vector<std::int64_t> weights, scores(candidates.size(), 0);
  for (const Candidate& candidate : candidates) {
    known_.push_back({candidate.server, candidate.weight});
    weights.push_back((candidate.weight + divisor_ - 1) / divisor_);
    total += weights.back();
  }
  for (std::int64_t place = 0; place < total; ++place) {
    // Everybody earns its weight; the first who has the most whole rounds of all weights pays one.
    std::size_t best = 0;
    std::int64_t most = -1;
    for (std::size_t i = 0; i < scores.size() && total > 1; ++i) {
      scores[i] += weights[i];
      if (const std::int64_t rounds = (scores[i] + total) / total; rounds > most) {
        most = rounds;
        best = i;
      }
    }
    places_.push_back(static_cast<std::uint32_t>(best));
    scores[best] -= total;
  }
}

std::size_t ServerMap::pick(std::span<const Candidate> candidates, std::uint32_t hash) {
  if (!is_of(candidates)) lay_out(candidates);
  return places_[hash % places_.size()];
}

// ---- the ring

ServerRing::ServerRing(std::span<const Member> servers) {
  for (std::uint32_t server = 0; server < servers.size(); ++server) {
    for (std::uint32_t number = 0; number < servers[server].weight * kPointsOfWeight; ++number)
      points_.push_back({avalanche(servers[server].id * kPointsOfId + number), server, number});
  }
  std::ranges::stable_sort(points_, {}, &Point::at);
  places_.resize(servers.size());
}

const Candidate* ServerRing::owner(std::span<const Candidate> candidates, std::size_t point) const {
  const Point& where = points_[point];
  if (places_[where.server] == 0) return nullptr;
  const Candidate& candidate = candidates[places_[where.server] - 1];
  return where.number < candidate.weight * kPointsOfWeight ? &candidate : nullptr;
}

std::size_t ServerRing::pick(std::span<const Candidate> candidates, std::uint32_t hash,
                             std::uint32_t most_load) {
  std::ranges::fill(places_, 0U);
  for (std::uint32_t i = 0; i < candidates.size(); ++i) places_[candidates[i].server] = i + 1;
  const auto after = [&](std::size_t point) {
    do {
      point = (point + 1) % points_.size();
    } while (owner(candidates, point) == nullptr);
    return point;
  };
  // Of the points before and behind the hash the closer one.
  const auto found = std::ranges::lower_bound(points_, hash, {}, &Point::at);
  const auto start = static_cast<std::size_t>(found - points_.begin());
  std::size_t next = after(start + points_.size() - 1), previous = start;
  do {
    previous = (previous + points_.size() - 1) % points_.size();
  } while (owner(candidates, previous) == nullptr);
  std::size_t chosen = hash - points_[previous].at <= points_[next].at - hash ? previous : next;
  if (most_load != 0) {
    const LoadLimit limit(candidates, most_load);
    for (std::size_t looked = 0; looked < points_.size() && limit.is_full(*owner(candidates, chosen));
         ++looked)
      chosen = after(chosen);
  }
  return static_cast<std::size_t>(owner(candidates, chosen) - candidates.data());
}

}  // namespace reseal::backends
