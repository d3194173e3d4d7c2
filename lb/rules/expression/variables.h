// Variables of rules (txn.name and the like): names become numbers when rules are compiled, values are kept by number, one
// store for each scope that is alive, with a bound on what they hold.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"
#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

enum class Scope : std::uint8_t { kProcess, kSession, kTransaction, kRequest, kResponse };
inline constexpr std::size_t kScopes = 5;

struct VariableId {
  Scope scope = Scope::kTransaction;
  std::uint16_t index = 0;  ///< in its scope
};

/// The names of one configuration. Filled while it is compiled by one thread; read-only afterwards.
class VariableNames {
 public:
  static constexpr std::size_t kMostNames = 1024;

  /// "txn.name"; a name that is new is taken in. The error says in words what is wrong.
  std::expected<VariableId, std::string> id_of(std::string_view name);
  /// Those of a scope by their numbers, which names that are new follow. Before the first id_of().
  void keep(Scope scope, const std::vector<std::string>& names) {
    names_[static_cast<std::size_t>(scope)] = names;
  }
  [[nodiscard]] const std::vector<std::string>& names(Scope scope) const {
    return names_[static_cast<std::size_t>(scope)];
  }
  /// How many names there are in the scope: the size of its store.
  [[nodiscard]] std::size_t count(Scope scope) const {
    return names_[static_cast<std::size_t>(scope)].size();
  }

 private:
  std::array<std::vector<std::string>, kScopes> names_;
};

/// The values of one scope, as long as that lives. Owner: the connection or the exchange. Single thread.
class VariableStore {
 public:
  /// The text of all values that were ever set in one store: what is beyond is not set.
  static constexpr std::size_t kMostBytes = 64 * 1024;

  /// Without a name, until begin().
  VariableStore() = default;
  VariableStore(std::size_t names, Arena& arena) { begin(names, arena); }
  /// Forgets what there is; its memory is used again. Texts are copied to `arena`, which outlives the store's use.
  void begin(std::size_t names, Arena& arena);

  /// There are more names, which are not set.
  void grow(std::size_t names) { values_.resize(std::max(values_.size(), names)); }

  /// Null where it is not set.
  [[nodiscard]] const Sample* find(std::uint16_t index) const;
  /// False when there is no room for it; the variable is then not set. A text that is no longer than an earlier one of the
  /// same variable takes its place: samples that were found before are not to be used afterwards.
  bool set(std::uint16_t index, const Sample& value);
  void unset(std::uint16_t index);
  /// Before the arena is cleared; the room is there again.
  void clear();

 private:
  struct Value {
    bool is_set = false;
    Sample sample;
    char* room = nullptr;  // in the arena
    std::size_t room_size = 0;
  };
  Arena* arena_ = nullptr;
  std::size_t bytes_ = 0;
  std::vector<Value> values_;
};

}  // namespace reseal::rules::expression
