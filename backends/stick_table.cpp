#include "backends/stick_table.h"

#include <algorithm>
#include <bit>

#include "backends/hash.h"

namespace reseal::backends {
namespace {

// An entry: tag of the key (24 bits) | time of the last request in steps (24) | server's number (16). All 0:
// free, since no server has the number 0.
constexpr int kStampShift = 16;
constexpr int kTagShift = 40;
constexpr std::uint32_t kStampMask = 0xffffff;
constexpr std::uint32_t kStepsOfIdle = 1024;

std::uint64_t pack(std::uint64_t mixed_key, std::uint32_t stamp, std::uint16_t server) {
  return (mixed_key >> kTagShift << kTagShift) | std::uint64_t{stamp} << kStampShift | server;
}
bool has_tag(std::uint64_t entry, std::uint64_t mixed_key) {
  return entry >> kTagShift == mixed_key >> kTagShift;
}
/// Steps since the entry was used; time wraps after 16384 times `idle`.
std::uint32_t age(std::uint64_t entry, std::uint32_t now) {
  return (now - static_cast<std::uint32_t>(entry >> kStampShift)) & kStampMask;
}
bool is_live(std::uint64_t entry, std::uint32_t now) {
  return entry != 0 && age(entry, now) <= kStepsOfIdle;
}

}  // namespace

StickTable::StickTable(std::size_t clients, Duration idle, std::uint64_t seed)
    : clients_(clients),
      idle_(idle),
      sets_(std::bit_ceil(std::max<std::size_t>(clients, 1) + kWays - 1) / kWays),
      step_(std::max(idle / kStepsOfIdle, Duration(1))),
      seed_(seed) {}

std::uint16_t StickTable::number_of(std::string_view server_name) {
  const auto known = std::ranges::find(names_, server_name);
  if (known == names_.end() && names_.size() == kMostServers) return 0;
  const auto index = known - names_.begin();
  if (known == names_.end()) names_.emplace_back(server_name);
  return static_cast<std::uint16_t>(index + 1);
}

std::uint64_t StickTable::mixed(std::uint64_t key) const {
  return mix(key ^ seed_);
}

std::uint32_t StickTable::stamp(TimePoint now) const {
  return static_cast<std::uint32_t>(now.time_since_epoch() / step_) & kStampMask;
}

std::optional<std::uint16_t> StickTable::find(std::uint64_t key, TimePoint now) const {
  const std::uint64_t wanted = mixed(key);
  const std::uint32_t time = stamp(now);
  for (const auto& slot : sets_[wanted & (sets_.size() - 1)].entries) {
    const std::uint64_t entry = slot.load(std::memory_order_relaxed);
    if (has_tag(entry, wanted) && is_live(entry, time)) return static_cast<std::uint16_t>(entry);
  }
  return std::nullopt;
}

void StickTable::store(std::uint64_t key, std::uint16_t server, TimePoint now) {
  if (server == 0) return;
  const std::uint64_t wanted = mixed(key);
  const std::uint32_t time = stamp(now);
  const std::uint64_t fresh = pack(wanted, time, server);
  std::atomic<std::uint64_t>* chosen = nullptr;
  std::uint32_t chosen_age = 0;
  for (auto& slot : sets_[wanted & (sets_.size() - 1)].entries) {
    const std::uint64_t entry = slot.load(std::memory_order_relaxed);
    if (entry == fresh) return;  // a line that is only read stays in every CPU's cache
    if (entry != 0 && has_tag(entry, wanted)) {
      slot.store(fresh, std::memory_order_relaxed);
      return;
    }
    const std::uint32_t entry_age = is_live(entry, time) ? age(entry, time) : kStampMask + 1;
    if (chosen == nullptr || entry_age > chosen_age) {
      chosen = &slot;
      chosen_age = entry_age;
    }
  }
  chosen->store(fresh, std::memory_order_relaxed);
}

}  // namespace reseal::backends
