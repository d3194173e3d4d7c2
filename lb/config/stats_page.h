// The page of statistics that a proxy serves at an address of its own: `stats uri` and what belongs to it. Plain values;
// part of the model.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lb/base/clock.h"

namespace reseal::config {

struct StatsPage {
  std::string uri = "/haproxy?stats";  ///< requests whose target begins with it
  std::string realm = "HAProxy Statistics";
  std::vector<std::pair<std::string, std::string>> users;  ///< name and password; empty: anybody may look
  Duration refresh{0};                                     ///< how often browsers ask again; 0: when told to
  bool hides_version = false;
  bool shows_legends = false;              ///< addresses, cookies and algorithms
  std::optional<std::string> node;         ///< show-node: shown in the heading
  std::optional<std::string> description;  ///< show-desc
  std::vector<std::string> scopes;  ///< the proxies that are shown; "." is the one that serves; empty: all
  bool operator==(const StatsPage&) const = default;
};

}  // namespace reseal::config
