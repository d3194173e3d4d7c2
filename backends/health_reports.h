// Where workers report servers that traffic makes suspect. Implemented by the process; thread-safe.
#pragma once

#include <memory>
#include <string>

namespace reseal::backends {

struct ServerState;

class HealthReports {
 public:
  /// `reason` in words: "3 connect failures in a row, last: connection refused".
  virtual void on_server_suspect(const std::shared_ptr<ServerState>& server, std::string reason) = 0;
  /// "5 errors in a row, last: server_reset": its checks may pass, its answers fail.
  virtual void on_server_outlier(const std::shared_ptr<ServerState>& server, std::string reason) = 0;

 protected:
  ~HealthReports() = default;
};

}  // namespace reseal::backends
