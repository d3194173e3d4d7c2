#include "lb/runtime/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace reseal::runtime {

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (limit.rlim_cur < limit.rlim_max && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  constexpr rlim_t kMost = 1U << 24;  // "unlimited" is no useful number
  return static_cast<std::size_t>(std::min(limit.rlim_cur, kMost));
}

std::size_t connections_for(std::size_t descriptors, int workers) {
  // Loops (epoll, wake-up, reserve), listeners, checks, admin, log, files being read.
  const std::size_t reserved = 64 + 16 * static_cast<std::size_t>(workers);
  // The client's connection, the server's, and a look at whether the client is still there while it waits.
  constexpr std::size_t kEach = 3;
  return descriptors > reserved + kEach ? (descriptors - reserved) / kEach : 1;
}

}  // namespace reseal::runtime
