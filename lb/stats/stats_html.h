// HAProxy's statistics for people: one page, no scripts, nothing from elsewhere. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "lb/stats/haproxy_stat.h"

namespace reseal::stats {

struct HtmlWish {
  std::string uri;    ///< of the page, for its links
  std::string scope;  ///< what the names that are shown contain
  bool hides_version = false;
  bool only_up = false;
  std::optional<std::string> node;         ///< shown; empty: the process's
  std::optional<std::string> description;  ///< shown; empty: the process's
};

std::string stats_html(const Snapshot& snapshot, std::span<const StatRow> rows, const HtmlWish& wish);

}  // namespace reseal::stats
