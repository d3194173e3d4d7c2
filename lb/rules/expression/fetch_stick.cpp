// Fetches of stick tables: of what is tracked (sc_, sc0_ ...), of the client's address (src_), of tables as a whole.
#include <string>
#include <utility>
#include <vector>

#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/stick_data.h"
#include "lb/rules/stick/key.h"
#include "lb/rules/stick/tracking.h"

namespace reseal::rules::expression {
namespace {

using stick::Table;
using stick::Tracking;

// Whose entry it is: of a counter whose number is the last argument before the table (sc_), or in the name (sc0_), or of the
// client's address.
constexpr int kOfArgument = -1;
constexpr int kOfSource = -2;

/// The entry that is tracked, or in another table the one of the same key. False: nothing is tracked.
bool find_tracked(const Call& call, std::uint64_t counter, Table::Locked& entry) {
  const Tracking* tracking = call.context.tracking;
  const Tracking::Tracked* tracked = tracking == nullptr ? nullptr : tracking->find(counter);
  if (tracked == nullptr) return false;
  Table* other = call.arguments.back().table.get();
  if (other == nullptr || other == tracked->table.get()) {
    entry = tracked->table->lock(*tracked->entry, call.context.now);
    return true;
  }
  const stick::Definition& theirs = other->definition();
  const stick::Definition& ours = tracked->table->definition();
  // Keys of another type or length are other keys.
  if (theirs.type == ours.type && theirs.key_bytes == ours.key_bytes)
    entry = other->find(tracked->table->key_of(*tracked->entry), call.context.now);
  return true;
}

/// False: the address cannot be a key of the table.
bool find_source(const Call& call, bool is_made, Table::Locked& entry) {
  if (call.context.client == nullptr) return false;
  auto source = Sample::address(*call.context.client);
  if (!source) return false;
  Table& table = *call.arguments.back().table;
  const auto key = stick::key_of(*source, table.definition(), call.arena);
  if (!key) return false;
  entry = is_made ? table.find_or_add(*key, call.context.now) : table.find(*key, call.context.now);
  return true;
}

std::uint64_t counter_of(const Call& call, int owner) {
  if (owner >= 0) return static_cast<std::uint64_t>(owner);
  return static_cast<std::uint64_t>(call.argument(call.arguments.size() - 2).integer);
}

bool fetch_data(const Call& call, const StickData& data, int owner, Sample& out) {
  Table::Locked entry;
  const bool is_found = owner == kOfSource ? find_source(call, makes_entry(data.use), entry)
                                           : find_tracked(call, counter_of(call, owner), entry);
  if (!is_found) return false;
  out = Sample::number(0);
  if (!entry) return true;
  const std::int64_t index = data.has_index ? call.argument(0).integer : 0;
  if (index < 0 || index >= stick::Stored::kMostElements) return false;
  const auto value = use_stick_data(data, entry, static_cast<std::uint32_t>(index));
  if (!value) return false;
  out = Sample::number(static_cast<std::int64_t>(*value));
  return true;
}

template <int kOwner, std::size_t kData>
bool fetch_one(const Call& call, Sample& out) {
  return fetch_data(call, kStickData[kData], kOwner, out);
}

template <int kOwner>
bool fetch_tracked(const Call& call, Sample& out) {
  Table::Locked entry;
  out = Sample::boolean(find_tracked(call, counter_of(call, kOwner), entry) && entry);
  return true;
}
template <int kOwner>
bool fetch_trackers(const Call& call, Sample& out) {
  Table::Locked entry;
  if (!find_tracked(call, counter_of(call, kOwner), entry)) return false;
  out = Sample::number(entry ? entry.trackers() : 0);
  return true;
}

bool fetch_table_cnt(const Call& call, Sample& out) {
  out = Sample::number(static_cast<std::int64_t>(call.argument(0).table->entries(call.context.now)));
  return true;
}
bool fetch_table_avl(const Call& call, Sample& out) {
  const Table& table = *call.argument(0).table;
  const std::size_t used = call.argument(0).table->entries(call.context.now);
  out = Sample::number(
      static_cast<std::int64_t>(table.definition().size - std::min(used, table.definition().size)));
  return true;
}

std::string_view signature_of(int owner, bool has_index) {
  if (owner == kOfArgument) return has_index ? "ii?t" : "i?t";
  return has_index ? "i?t" : "?t";
}

template <int kOwner, std::size_t kData>
void add_row(const std::string& prefix, std::vector<std::pair<std::string, FetchRow>>& rows) {
  const StickData& data = kStickData[kData];
  // As HAProxy has them: elements of arrays not by sc0_ and its kin.
  const bool is_there = kOwner == kOfSource ? !data.fetch.empty()
                                            : is_of_tracked(data.fetch) && (kOwner < 0 || !data.has_index);
  if (!is_there) return;
  rows.push_back({prefix + std::string(data.fetch),
                  {"", signature_of(kOwner, data.has_index), Type::kInteger, kNeedsConnection,
                   fetch_one<kOwner, kData>, kOwner == kOfSource ? prepare_own_table : nullptr}});
}

template <int kOwner>
void add_rows(const std::string& prefix, std::vector<std::pair<std::string, FetchRow>>& rows) {
  [&]<std::size_t... kData>(std::index_sequence<kData...>) {
    (add_row<kOwner, kData>(prefix, rows), ...);
  }(std::make_index_sequence<kStickData.size()>());
  if constexpr (kOwner != kOfSource) {
    const std::string_view signature = signature_of(kOwner, false);
    rows.push_back(
        {prefix + "tracked", {"", signature, Type::kBool, kNeedsConnection, fetch_tracked<kOwner>}});
    rows.push_back(
        {prefix + "trackers", {"", signature, Type::kInteger, kNeedsConnection, fetch_trackers<kOwner>}});
  }
}

/// The names are made once, and the rows point to them.
struct Rows {
  std::vector<std::pair<std::string, FetchRow>> named;
  std::vector<FetchRow> rows;
  Rows() {
    add_rows<kOfArgument>("sc_", named);
    add_rows<0>("sc0_", named);
    add_rows<1>("sc1_", named);
    add_rows<2>("sc2_", named);
    add_rows<kOfSource>("src_", named);
    for (auto& [name, row] : named) {
      row.name = name;
      rows.push_back(row);
    }
    rows.push_back({"table_avl", "?t", Type::kInteger, kNeedsNothing, fetch_table_avl, prepare_own_table});
    rows.push_back({"table_cnt", "?t", Type::kInteger, kNeedsNothing, fetch_table_cnt, prepare_own_table});
  }
};

}  // namespace

std::span<const FetchRow> stick_fetches() {
  static const Rows all;
  return all.rows;
}

}  // namespace reseal::rules::expression
