// Who goes before whom among requests that wait for a server. A plain value.
#pragma once

#include <cstdint>

namespace reseal::backends {

/// As HAProxy has it: a lower class goes first, whatever came before; within a class requests go in the order of their
/// coming, each as if it had come so much later.
struct Priority {
  static constexpr std::int64_t kMostClass = 2047;

  std::int64_t of_class = 0;  ///< from -kMostClass to kMostClass
  std::int64_t offset = 0;    ///< milliseconds
  bool operator==(const Priority&) const = default;
};

}  // namespace reseal::backends
