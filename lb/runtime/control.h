// What the outside (admin socket, admin HTTP, signals) may ask of a running process. Implemented by Process.
// Control thread.
#pragma once

#include <functional>
#include <string>

#include "lb/stats/snapshot.h"

namespace reseal::runtime {

struct ReloadOutcome {
  bool ok = false;
  std::string
      text;  ///< what changed, or every problem rendered; the running configuration is untouched if refused
};

class Control {
 public:
  /// Reads the configuration file again. `done` is called once, possibly before this returns.
  virtual void reload(std::function<void(ReloadOutcome)> done) = 0;
  /// Stops accepting, finishes what is in flight (bounded by `drain`), ends the process.
  virtual void stop() = 0;
  [[nodiscard]] virtual stats::Snapshot snapshot() = 0;
  /// Has HAProxy's counters begin anew: peaks only, or `all` that is counted. Those of Prometheus go on.
  virtual void clear_counters(bool all) = 0;
  [[nodiscard]] virtual bool is_draining() const = 0;

 protected:
  ~Control() = default;
};

}  // namespace reseal::runtime
