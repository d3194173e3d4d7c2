#include "lb/rules/stick/table.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "lb/rules/stick/entry.h"

namespace reseal::rules::stick {
namespace {

// Below it the one that was used least recently is found exactly; above it, in one of the shards.
constexpr std::uint64_t kMostOfOneShard = 4096;
constexpr std::size_t kShards = 64;
constexpr std::size_t kFirstBuckets = 16;
constexpr std::size_t kMostPurgedAtOnce = 4;
constexpr std::size_t kMostPurgedToCount = 4096;

std::int64_t milliseconds(TimePoint now) {
  return std::chrono::duration_cast<Duration>(now.time_since_epoch()).count();
}

}  // namespace

/// Entries of which a hash chooses the shard: in buckets by hash, and those that nobody tracks in the order of their last use.
struct alignas(64) Table::Shard {
  std::mutex mutex;
  std::vector<Entry*> buckets = std::vector<Entry*>(kFirstBuckets);
  std::size_t count = 0;
  Entry* oldest = nullptr;
  Entry* newest = nullptr;

  Entry*& bucket(std::uint64_t hash) { return buckets[hash & (buckets.size() - 1)]; }

  void append(Entry& entry) {
    entry.older = newest;
    entry.newer = nullptr;
    (newest != nullptr ? newest->newer : oldest) = &entry;
    newest = &entry;
  }
  void unlink(Entry& entry) {
    (entry.older != nullptr ? entry.older->newer : oldest) = entry.newer;
    (entry.newer != nullptr ? entry.newer->older : newest) = entry.older;
  }
  void grow() {
    std::vector<Entry*> old(buckets.size() * 2);
    old.swap(buckets);
    for (Entry* entry : old) {
      while (entry != nullptr) {
        Entry* next = entry->next;
        entry->next = bucket(entry->hash);
        bucket(entry->hash) = entry;
        entry = next;
      }
    }
  }
};

Table::Table(std::string name, Definition definition, const HashKey& hash_key)
    : name_(std::move(name)),
      definition_(std::move(definition)),
      layout_(definition_),
      hash_key_(hash_key),
      expire_(definition_.expire.count()),
      nopurge_(definition_.nopurge),
      shard_count_(definition_.size <= kMostOfOneShard ? 1 : kShards) {
  shards_ = std::make_unique<Shard[]>(shard_count_);
}

Table::~Table() {
  for (std::size_t i = 0; i < shard_count_; ++i) {
    for (Entry* entry : shards_[i].buckets) {
      while (entry != nullptr) ::operator delete(std::exchange(entry, entry->next));
    }
  }
}

void Table::set_ageing(Duration expire, bool nopurge) {
  definition_.expire = expire;
  definition_.nopurge = nopurge;
  expire_.store(expire.count(), std::memory_order_relaxed);
  nopurge_.store(nopurge, std::memory_order_relaxed);
}

std::uint32_t Table::number_of(std::string_view server_key) {
  const auto found = server_numbers_.find(server_key);
  if (found != server_numbers_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(server_numbers_.size() + 1);
  server_numbers_.emplace(server_key, number);
  return number;
}

// ---- what callers see

Table::Locked Table::locked(std::unique_lock<std::mutex> lock, Entry& entry, TimePoint now) {
  Locked result;
  result.table_ = this;
  result.entry_ = &entry;
  result.lock_ = std::move(lock);
  result.record_ = Record(layout_, entry.cells(), static_cast<std::uint32_t>(milliseconds(now)));
  result.now_ = now;
  return result;
}

std::uint32_t Table::Locked::trackers() const {
  return entry_->trackers;
}

std::string_view Table::Locked::key() const {
  return table_->key_of(*entry_);
}

std::optional<Duration> Table::Locked::time_left() const {
  if (entry_->expires == Entry::kNever) return std::nullopt;
  return Duration(std::max<std::int64_t>(entry_->expires - milliseconds(now_), 0));
}

Duration Table::Locked::idle_time() const {
  const auto left = time_left();
  if (!left) return Duration(0);
  // A reload may have changed how long entries stay.
  return std::max(Duration(table_->expire_.load(std::memory_order_relaxed)) - *left, Duration(0));
}

void Table::Locked::touch() {
  table_->touch(table_->shard_of(entry_->hash), *entry_, now_);
}

Table::Locked Table::find(std::string_view key, TimePoint now) {
  const std::uint64_t hash = keyed_hash(hash_key_, key);
  Shard& shard = shard_of(hash);
  std::unique_lock lock(shard.mutex);
  Entry* entry = look_up(shard, hash, key, now);
  if (entry == nullptr) return {};
  return locked(std::move(lock), *entry, now);
}

Table::Locked Table::find_or_add(std::string_view key, TimePoint now) {
  const std::uint64_t hash = keyed_hash(hash_key_, key);
  Shard& shard = shard_of(hash);
  for (int attempt = 0;; ++attempt) {
    std::unique_lock lock(shard.mutex);
    Entry* entry = look_up(shard, hash, key, now);
    if (entry == nullptr) entry = add(shard, hash, key, now);
    if (entry != nullptr) {
      touch(shard, *entry, now);
      return locked(std::move(lock), *entry, now);
    }
    // Others may take the room that is made; who loses to them twice goes without.
    if (attempt == 2) return {};
    lock.unlock();
    make_room(now);
  }
}

Table::Locked Table::track(std::string_view key, TimePoint now) {
  Locked found = find_or_add(key, now);
  if (found && found.entry_->trackers++ == 0) shard_of(found.entry_->hash).unlink(*found.entry_);
  return found;
}

void Table::untrack(Locked tracked) {
  Entry& entry = *tracked.entry_;
  if (--entry.trackers != 0) return;
  Shard& shard = shard_of(entry.hash);
  shard.append(entry);
  touch(shard, entry, tracked.now_);
}

Table::Locked Table::lock(Entry& entry, TimePoint now) {
  return locked(std::unique_lock(shard_of(entry.hash).mutex), entry, now);
}

std::size_t Table::entries(TimePoint now) {
  for (std::size_t i = 0; i < shard_count_; ++i) {
    const std::unique_lock lock(shards_[i].mutex);
    purge_expired(shards_[i], now, kMostPurgedToCount);
  }
  return used_.load(std::memory_order_relaxed);
}

// ---- with the shard's lock

Table::Shard& Table::shard_of(std::uint64_t hash) const {
  return shards_[(hash >> 32) & (shard_count_ - 1)];  // the lower half chooses the bucket
}

std::string_view Table::key_of(const Entry& entry) const {
  return {reinterpret_cast<const char*>(entry.cells() + layout_.cells()), entry.key_bytes};
}

Entry* Table::look_up(Shard& shard, std::uint64_t hash, std::string_view key, TimePoint now) {
  for (Entry* entry = shard.bucket(hash); entry != nullptr; entry = entry->next) {
    if (entry->hash != hash || key_of(*entry) != key) continue;
    if (entry->trackers == 0 && entry->expires <= milliseconds(now)) {
      remove(shard, *entry);
      return nullptr;
    }
    return entry;
  }
  return nullptr;
}

Entry* Table::add(Shard& shard, std::uint64_t hash, std::string_view key, TimePoint now) {
  purge_expired(shard, now, kMostPurgedAtOnce);
  if (!take_place(shard)) return nullptr;
  const std::size_t cell_bytes = layout_.cells() * sizeof(std::uint32_t);
  void* memory = ::operator new(sizeof(Entry) + cell_bytes + key.size());
  auto* entry = new (memory) Entry;
  entry->hash = hash;
  entry->key_bytes = static_cast<std::uint32_t>(key.size());
  std::memset(entry->cells(), 0, cell_bytes);
  std::memcpy(entry->cells() + layout_.cells(), key.data(), key.size());
  if (++shard.count > shard.buckets.size()) shard.grow();
  entry->next = std::exchange(shard.bucket(hash), entry);
  shard.append(*entry);
  return entry;
}

void Table::touch(Shard& shard, Entry& entry, TimePoint now) {
  const std::int64_t expire = expire_.load(std::memory_order_relaxed);
  entry.expires = expire == 0 ? Entry::kNever : milliseconds(now) + expire;
  if (entry.trackers != 0 || shard.newest == &entry) return;
  shard.unlink(entry);
  shard.append(entry);
}

void Table::remove(Shard& shard, Entry& entry) {
  Entry** link = &shard.bucket(entry.hash);
  while (*link != &entry) link = &(*link)->next;
  *link = entry.next;
  shard.unlink(entry);
  --shard.count;
  used_.fetch_sub(1, std::memory_order_relaxed);
  ::operator delete(&entry);
}

void Table::purge_expired(Shard& shard, TimePoint now, std::size_t most) {
  const std::int64_t time = milliseconds(now);
  for (std::size_t i = 0; i < most && shard.oldest != nullptr && shard.oldest->expires <= time; ++i) {
    remove(shard, *shard.oldest);
  }
}

bool Table::take_place(Shard& shard) {
  if (used_.fetch_add(1, std::memory_order_relaxed) < definition_.size) return true;
  used_.fetch_sub(1, std::memory_order_relaxed);
  if (nopurge_.load(std::memory_order_relaxed) || shard.oldest == nullptr) return false;
  remove(shard, *shard.oldest);
  if (used_.fetch_add(1, std::memory_order_relaxed) < definition_.size) return true;
  used_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void Table::make_room(TimePoint now) {
  const bool keeps = nopurge_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < shard_count_; ++i) {
    Shard& shard = shards_[i];
    const std::unique_lock lock(shard.mutex);
    const std::size_t before = shard.count;
    purge_expired(shard, now, kMostPurgedAtOnce);
    if (!keeps && shard.count == before && shard.oldest != nullptr) remove(shard, *shard.oldest);
    if (shard.count != before) return;
  }
}

}  // namespace reseal::rules::stick
