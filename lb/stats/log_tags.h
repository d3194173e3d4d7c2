// The variables of HAProxy's log formats (its manual, 8.2.4 of version 2.6): one row each. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lb/stats/access_record.h"
#include "lb/stats/tag_writer.h"

namespace reseal::stats {

/// What a record must hold for some of them, beside what it always does: bits.
enum LogNeeds : std::uint8_t {
  kLogNeedsNothing = 0,
  kLogNeedsLoad = 1,    ///< AccessRecord::load and the sizes of heads
  kLogNeedsLocal = 2,   ///< local_address
  kLogNeedsSource = 4,  ///< source_address
  kLogNeedsEvaluation = 8,
  kLogNeedsLineNumber = 16,
};

struct LogTag {
  std::string_view name;
  /// False: nothing was written, not even a value that is empty.
  bool (*write)(const AccessRecord& record, TagWriter& out);
  std::uint8_t needs = kLogNeedsNothing;
};

std::span<const LogTag> log_tags();
/// Null if there is none of that name.
const LogTag* find_log_tag(std::string_view name);

}  // namespace reseal::stats
