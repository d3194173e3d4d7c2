// An entry of a stick table: this, the cells of its data, and its key, in one piece of memory. Of table.cpp alone.
#pragma once

#include <cstdint>
#include <limits>

namespace reseal::rules::stick {

struct Entry {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  Entry* next = nullptr;   // in its bucket
  Entry* older = nullptr;  // while nobody tracks it
  Entry* newer = nullptr;
  std::uint64_t hash = 0;
  std::int64_t expires = kNever;  // milliseconds
  std::uint32_t trackers = 0;
  std::uint32_t key_bytes = 0;

  [[nodiscard]] std::uint32_t* cells() { return reinterpret_cast<std::uint32_t*>(this + 1); }
  [[nodiscard]] const std::uint32_t* cells() const {
    return reinterpret_cast<const std::uint32_t*>(this + 1);
  }
};

}  // namespace reseal::rules::stick
