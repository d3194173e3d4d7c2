// A file of patterns or of a map, as everything that names it shares it: read once, and changed while it is used by rules
// (set-map, add-acl) or on command. Changed from any thread; a file that never was is read without a lock. Of one
// generation: a reload reads it again, and what was changed is gone, as with HAProxy.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/pattern_view.h"

namespace reseal::rules::expression {

class PatternFile {
 public:
  /// The most that may be in it beside what the file says: keys may be a client's.
  static constexpr std::size_t kMostAdded = 100'000;
  static constexpr std::size_t kMostAddedBytes = std::size_t{64} * 1024 * 1024;
  /// The same where something compares its patterns one after the other (-m sub, dir, dom, reg, int and len).
  static constexpr std::size_t kMostAddedInOrder = 1000;

  enum class Change : std::uint8_t {
    kDone,
    kNoSuchKey,
    kWrong,  ///< the key is no pattern, or the value not of the type that something makes of it
    kFull,
  };

  explicit PatternFile(std::string path) : path_(std::move(path)) {}

  // While compiling: control thread.

  /// `has_values`: each line is a key and a value.
  void load(std::string text, bool has_values);
  [[nodiscard]] bool is_loaded() const { return is_loaded_; }
  [[nodiscard]] bool has_values() const { return has_values_; }
  /// Its lines as one way to compare them needs them; the error names the line. It lives as long as the file, and there
  /// is one of each kind.
  std::expected<const PatternView*, std::string> view(PatternView::Reading reading);
  /// From now on it may be changed: lookups take a lock. Done by the first change, and beforehand where one is to be expected.
  void make_changeable();
  void expect_changes() { expects_changes_ = true; }
  [[nodiscard]] bool expects_changes() const { return expects_changes_; }
  /// Something compares its lines as regular expressions.
  [[nodiscard]] bool has_regexes() const;

  // While it is used: any thread.

  [[nodiscard]] const std::string& path() const { return path_; }
  /// What a rule wanted is not in it: it is full, or what a client has sent is no pattern.
  void note_refused() { refused_.fetch_add(1, std::memory_order_relaxed); }
  /// How often since the last call.
  [[nodiscard]] std::uint64_t take_refused() { return refused_.exchange(0, std::memory_order_relaxed); }
  [[nodiscard]] bool is_changeable() const { return is_changeable_.load(std::memory_order_acquire); }
  /// One line more, whether there is one of that key or not.
  Change add(std::string_view key, std::string_view value);
  /// The value of every line of that key.
  Change set(std::string_view key, std::string_view value);
  /// set(), or add() where there is no such key.
  Change put(std::string_view key, std::string_view value);
  Change add_if_new(std::string_view key);
  /// Every line of that key.
  Change remove(std::string_view key);
  void clear();
  /// Every line in order, until it returns false. It must not come back.
  void each(
      const std::function<bool(std::uint64_t id, const std::string& key, const std::string& value)>& use);

 private:
  friend class PatternView;
  struct Line {
    std::string key, value;
  };

  /// A key as each view keeps it.
  using Prepared = std::vector<ChangingPatterns::Ready>;
  /// Nothing: the key is no pattern, or the value of the wrong type. Needs no lock.
  [[nodiscard]] std::optional<Prepared> prepare(std::string_view key, std::string_view value) const;
  Change add_locked(std::string_view key, std::string_view value, Prepared patterns);
  Change set_locked(std::string_view key, std::string_view value);
  void drop(std::map<std::uint64_t, Line>::iterator line);
  [[nodiscard]] bool has_room(std::size_t bytes) const;
  /// Keys are the same line where this is the same: in lower case where nothing that looks into the file minds the case.
  [[nodiscard]] std::string compared(std::string_view key) const;

  const std::string path_;
  std::string text_;  ///< as it was read: views look into it
  bool is_loaded_ = false, has_values_ = false, expects_changes_ = false;
  std::vector<std::unique_ptr<PatternView>> views_;

  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<bool> is_changeable_ = false;
  mutable std::shared_mutex mutex_;  ///< guards all below once it is changeable
  std::map<std::uint64_t, Line> lines_;
  std::multimap<std::string, std::uint64_t> by_key_;
  std::uint64_t next_ = 0;
  std::size_t bytes_ = 0;
  std::size_t read_lines_ = 0, read_bytes_ = 0;  ///< what the file said
};

/// Those of one generation by their paths as they are written. Control thread.
class PatternFiles {
 public:
  /// Null if nothing has named it.
  [[nodiscard]] std::shared_ptr<PatternFile> find(const std::string& path) const;
  /// Made if there is none yet.
  std::shared_ptr<PatternFile> at(const std::string& path);
  [[nodiscard]] const std::map<std::string, std::shared_ptr<PatternFile>>& all() const { return files_; }

 private:
  std::map<std::string, std::shared_ptr<PatternFile>> files_;
};

struct Environment;
/// One view of a file that is read if nothing has read it yet; it holds the file.
std::expected<std::shared_ptr<const PatternView>, std::string> open_pattern_file(
    const Environment& environment, const std::string& path, PatternView::Reading reading, bool has_values);

}  // namespace reseal::rules::expression
