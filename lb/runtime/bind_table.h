// The addresses this process listens on, by the way they are configured. Binds new ones before anything else
// changes, so that a port in use refuses the reload. Owner: the process; control thread.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "lb/config/config_error.h"
#include "lb/runtime/worker.h"

namespace reseal::runtime {

/// The address that a bind means.
Result<net::Address> address_of(const config::Bind& bind);

/// Sockets that listen there, one a worker, or why not, in words. `joins_others`: as BindTable::plan.
std::expected<std::vector<net::Fd>, std::string> listen_on(const config::Bind& bind, int workers,
                                                           bool joins_others);

class BindTable {
 public:
  struct Plan {
    std::vector<std::vector<ListenerPlan>> per_worker;
    std::map<std::string, std::string> addresses;  ///< every bind's key -> bound address ("127.0.0.1:8443")
    std::vector<std::string> opened;               ///< "frontend=web address=127.0.0.1:8443", newly bound
    std::vector<int> copied;                       ///< inherited descriptors that are in use by copies
    std::vector<config::Problem>
        problems;  ///< not empty: nothing is to change; what was bound is closed again
  };

  /// What each worker must listen on for `configuration`. Does not change the table. `joins_others`: processes that are to be
  /// replaced may listen there still.
  [[nodiscard]] Plan plan(const config::Configuration& configuration, int workers, bool joins_others) const;
  /// The plan has been carried out. Inherited descriptors are closed, since what stays open would go on to take connections
  /// when nobody accepts them any more.
  void commit(const Plan& plan);

 private:
  std::map<std::string, std::string> addresses_;
};

}  // namespace reseal::runtime
