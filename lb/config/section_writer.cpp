#include "lb/config/section_writer.h"

#include <array>
#include <span>

namespace reseal::config {
namespace {

struct Unit {
  const char* name;
  std::int64_t size;
};

std::string measured(std::int64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.size == 0) return std::to_string(value / unit.size) + unit.name;
  }
  return std::to_string(value);
}

}  // namespace

std::string duration_text(Duration duration) {
  static constexpr std::array kUnits = {Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000},
                                        Unit{"ms", 1}};
  return duration == Duration::zero() ? "0s" : measured(duration.count(), kUnits);
}

std::string size_text(std::uint64_t bytes) {
  static constexpr std::array kUnits = {Unit{"GiB", 1 << 30}, Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10}};
  return measured(static_cast<std::int64_t>(bytes), kUnits);
}

}  // namespace reseal::config
