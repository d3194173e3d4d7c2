// A server whose checks pass and whose answers fail: what traffic says of each server of a backend, judged by one
// worker. Decides only; the run of errors lives in ServerState, where all workers add to it, the rate is each worker's
// own, and what follows (health/ejection) is the monitor's business.
//
// An error is an attempt that reached the server and brought no valid response in time, or one with a status of 5xx if
// these count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backends/recent_share.h"
#include "backends/server_state.h"

namespace reseal::backends {

struct OutlierSettings {
  int consecutive_errors = 5;         ///< 0: a run is no reason
  std::uint32_t error_percent = 0;    ///< of the last ten seconds' responses; 0: the rate is no reason
  std::uint32_t least_requests = 20;  ///< in ten seconds, before a rate means anything
  bool server_errors = false;         ///< responses of 5xx count as errors

  [[nodiscard]] bool watches() const { return consecutive_errors != 0 || error_percent != 0; }
};

/// One server as one worker sees it. Single thread.
class OutlierDetector {
 public:
  /// A valid response.
  std::optional<std::string> note_response(const OutlierSettings& settings, ServerState& server, int status,
                                           TimePoint now);
  /// None; `why` in words. Both return the reason, in words, to eject the server; told once for each run, and again
  /// when a further run is as long.
  std::optional<std::string> note_error(const OutlierSettings& settings, ServerState& server,
                                        std::string_view why, TimePoint now);

 private:
  std::optional<std::string> judge_rate(const OutlierSettings& settings, TimePoint now);

  RecentShare responses_;  // marked: the errors
};

}  // namespace reseal::backends
