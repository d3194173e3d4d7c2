// A stick table: what is known of each key (a client's address, a cookie, ...), counted by all workers and kept over reloads.
// One of HAProxy's, so with its arithmetic. For persistence alone, where a hash of the key will do, backends/stick_table.h is
// smaller and without locks.
//
// Shared by all threads. An entry is found, read and changed under its shard's lock, which Locked holds as long as it lives:
// nothing is to be called meanwhile but the record. Memory: `size` entries at the most, whatever clients send; keys that are
// tracked do not give way. New keys cost an allocation, known ones none.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/clock.h"
#include "lb/rules/stick/definition.h"
#include "lb/rules/stick/keyed_hash.h"
#include "lb/rules/stick/record.h"

namespace reseal::rules::stick {

struct Entry;

class Table {
 public:
  /// The keys are those that key_of (key.h) makes for this definition.
  Table(std::string name, Definition definition, const HashKey& hash_key);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Definition& definition() const { return definition_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  /// A reload says something else of how long entries stay. Control thread.
  void set_ageing(Duration expire, bool nopurge);

  /// A number for a server's name or address, the same for ever. Control thread.
  std::uint32_t number_of(std::string_view server_key);

  /// An entry, or none, that nobody else sees meanwhile. Short-lived.
  class Locked {
   public:
    Locked() = default;
    [[nodiscard]] explicit operator bool() const { return entry_ != nullptr; }
    Record* operator->() { return &record_; }
    Record& operator*() { return record_; }
    /// Connections and requests that track it.
    [[nodiscard]] std::uint32_t trackers() const;
    [[nodiscard]] std::string_view key() const;
    /// Until it goes, if nobody uses it; nothing where entries stay for ever.
    [[nodiscard]] std::optional<Duration> time_left() const;
    /// Since it was used.
    [[nodiscard]] Duration idle_time() const;
    /// To lock it again while it is tracked; null if there is none.
    [[nodiscard]] Entry* entry() const { return entry_; }
    /// It was used just now: it stays for another while.
    void touch();

   private:
    friend class Table;
    Table* table_ = nullptr;
    Entry* entry_ = nullptr;
    std::unique_lock<std::mutex> lock_;
    Record record_;
    TimePoint now_{};
  };

  Locked find(std::string_view key, TimePoint now);
  /// Makes it if need be, and touches it. None: the table is full of entries that stay.
  Locked find_or_add(std::string_view key, TimePoint now);

  /// The same, and it stays until untrack().
  Locked track(std::string_view key, TimePoint now);
  void untrack(Locked tracked);
  /// Of one that is tracked.
  Locked lock(Entry& entry, TimePoint now);
  /// Of one that is tracked, or locked.
  [[nodiscard]] std::string_view key_of(const Entry& entry) const;

  /// How many there are, without those whose time is over.
  std::size_t entries(TimePoint now);

 private:
  struct Shard;
  [[nodiscard]] Shard& shard_of(std::uint64_t hash) const;
  [[nodiscard]] Locked locked(std::unique_lock<std::mutex> lock, Entry& entry, TimePoint now);
  Entry* look_up(Shard& shard, std::uint64_t hash, std::string_view key, TimePoint now);
  Entry* add(Shard& shard, std::uint64_t hash, std::string_view key, TimePoint now);
  void touch(Shard& shard, Entry& entry, TimePoint now);
  void remove(Shard& shard, Entry& entry);
  void purge_expired(Shard& shard, TimePoint now, std::size_t most);
  /// Takes a place for a new entry, if need be of another in this shard.
  [[nodiscard]] bool take_place(Shard& shard);
  /// The same, of any shard; holds the lock of none.
  void make_room(TimePoint now);

  std::string name_;
  Definition definition_;
  Layout layout_;
  HashKey hash_key_;
  std::atomic<std::int64_t> expire_;  // milliseconds; 0: never
  std::atomic<bool> nopurge_;
  std::unique_ptr<Shard[]> shards_;
  std::size_t shard_count_;
  std::atomic<std::uint64_t> used_{0};
  std::map<std::string, std::uint32_t, std::less<>> server_numbers_;  // control thread
};

}  // namespace reseal::rules::stick
