// Rates from counters, once a second, and the snapshot that admin and `reseal stats` show. Owner: the
// process; control thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "health/monitor.h"
#include "lb/runtime/generation.h"
#include "lb/stats/rates.h"
#include "lb/stats/snapshot.h"

namespace reseal::runtime {

class Statistics {
 public:
  /// Samples every entity of the generation; called once a second.
  void sample(const Generation& generation, TimePoint now);
  /// HAProxy's counters begin anew: their peaks and highest rates, and if `all` everything that is counted.
  void clear(const Generation& generation, bool all);
  /// Entities with totals, rates and health; the process adds what it knows of itself.
  [[nodiscard]] std::vector<stats::EntitySnapshot> entities(const Generation& generation,
                                                            const health::Monitor& monitor,
                                                            TimePoint now) const;

 private:
  struct Meter {
    std::shared_ptr<const stats::CounterSet> counters;  // identity: a new entity of an old name starts anew
    stats::RateMeter rate;
    stats::RateMeter connection_rate;
    std::uint64_t highest_rate = 0, highest_connection_rate = 0;
    std::shared_ptr<const stats::TrafficTotals> cleared;
  };
  void sample_one(const std::string& key, const std::shared_ptr<stats::CounterSet>& counters, TimePoint now);
  void add_rates(const std::string& key, stats::EntitySnapshot& entity) const;

  std::map<std::string, Meter> meters_;
};

}  // namespace reseal::runtime
