// A page of statistics as a proxy serves it: `stats uri` and what belongs to it. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lb/config/stats_page.h"
#include "lb/http/message.h"

namespace reseal::proxy {

class StatsPage {
 public:
  StatsPage(config::StatsPage settings, std::string proxy);

  /// Whether it is this page that is asked for.
  [[nodiscard]] bool is_asked_for(const http::RequestHead& request) const;
  /// Whether the request's Authorization names one of the users; everybody may look if there are none. Takes as long for
  /// one that is nearly right as for any other.
  [[nodiscard]] bool may_see(const http::RequestHead& request) const;
  [[nodiscard]] const config::StatsPage& settings() const { return settings_; }
  /// The proxy that serves it.
  [[nodiscard]] const std::string& proxy() const { return proxy_; }

 private:
  config::StatsPage settings_;
  std::string proxy_;
  std::vector<std::string> credentials_;  // as clients send them: base64 of NAME:PASSWORD
};

}  // namespace reseal::proxy
