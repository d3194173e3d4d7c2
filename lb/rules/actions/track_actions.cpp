// Stick counters: tracking a key, and changing what is tracked.
#include <algorithm>

#include "lb/base/text.h"
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/stick_data.h"
#include "lb/rules/stick/key.h"
#include "lb/rules/stick/tracking.h"

namespace reseal::rules::actions {
namespace {

using expression::Sample;
using expression::StickData;
using expression::Type;
using stick::DataType;
using stick::Table;
using stick::Tracking;

constexpr std::uint8_t kTracking = kTcpConnection | kTcpSession | kTcpContent | kHttpRequest | kHttpResponse;

constexpr std::uint8_t kChanging = kTracking | kTcpResponse;

// ---- track-sc0 KEY [table TABLE]

class Track final : public Action {
 public:
  Track(std::size_t counter, expression::Expression key, std::shared_ptr<Table> table)
      : counter_(counter), key_(std::move(key)), table_(std::move(table)) {}

  Verdict run(Run& run) const override {
    Tracking* tracking = run.context.tracking;
    if (tracking == nullptr || tracking->find(counter_) != nullptr) return {};
    auto value = key_.evaluate(run.context, run.arena);
    if (!value) return {};
    const auto key = stick::key_of(*value, table_->definition(), run.arena);
    if (!key || !tracking->track(counter_, table_, *key, run.context.now)) return {};
    if (run.response != nullptr) tracking->count_status_late(counter_, run.response->status, run.context.now);
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return key_.needs(); }
  [[nodiscard]] bool waits_for_value() const override { return true; }

 private:
  std::size_t counter_;
  expression::Expression key_;
  std::shared_ptr<Table> table_;
};

template <std::size_t kCounter>
Compiled<std::unique_ptr<Action>> read_track(ActionWords& words) {
  auto text = words.take("a key, such as src");
  if (!text) return std::unexpected(text.error());
  bool names_table = false;
  while (!words.at_end() && !names_table) {
    names_table = words.take_if("table");
    if (!names_table) *text += *words.take("a converter");
  }
  auto key = words.expression(*text);
  if (!key) return std::unexpected(key.error());
  std::string name;
  if (names_table) {
    auto named = words.take("the name of a stick table");
    if (!named) return std::unexpected(named.error());
    name = std::move(*named);
  }
  auto table = words.table(name);
  if (!table) return std::unexpected(table.error());
  const Type type = stick::sample_type((*table)->definition().type);
  if (!is_convertible(key->type(), type)) {
    return words.error("the keys of the stick table '" + (*table)->name() + "' are of type " +
                       std::string(type_name(type)) + ", and this one is of type " +
                       std::string(type_name(key->type())));
  }
  return std::make_unique<Track>(kCounter, std::move(*key), std::move(*table));
}

// ---- what is tracked

/// "sc-inc-gpc(1,0)": the element of the array, for names that have one, and the counter.
struct Target {
  std::uint32_t element = 0;
  std::size_t counter = 0;
};

Compiled<Target> take_target(const ActionWords& words, bool has_element) {
  const std::string needed = has_element ? "(INDEX,COUNTER)" : "(COUNTER)";
  std::string_view text = words.argument_of_name().value_or("0");
  Target target;
  if (has_element) {
    const std::size_t comma = text.find(',');
    const auto element = parse_decimal(text.substr(0, comma));
    if (comma == std::string_view::npos || !element || *element >= stick::Stored::kMostElements)
      return words.error("'" + words.name() + "': " + needed + " is expected, with an index below 100");
    target.element = static_cast<std::uint32_t>(*element);
    text.remove_prefix(comma + 1);
  }
  const auto counter = parse_decimal(text);
  if (!counter || *counter >= Tracking::kCounters) {
    return words.error("'" + words.name() + "': " + needed + " is expected, with a counter from 0 to " +
                       std::to_string(Tracking::kCounters - 1));
  }
  target.counter = *counter;
  return target;
}

/// A whole number, or an expression.
class Amount {
 public:
  static Compiled<Amount> read(ActionWords& words) {
    Amount amount;
    const auto text = words.take("a number, or an expression");
    if (!text) return std::unexpected(text.error());
    if (const auto number = parse_decimal(*text)) {
      if (*number > 0xffffffffU) return words.error("'" + *text + "' is more than 4294967295");
      amount.number_ = *number;
      return amount;
    }
    std::string all = *text;
    while (!words.at_end()) all += *words.take("a converter");
    auto value = words.expression(all);
    if (!value) return std::unexpected(value.error());
    if (!is_convertible(value->type(), Type::kInteger))
      return words.error("a value of type " + std::string(type_name(value->type())) + " is no integer");
    amount.value_ = std::move(*value);
    return amount;
  }
  [[nodiscard]] std::optional<std::uint64_t> evaluate(Run& run) const {
    if (!value_) return number_;
    auto sample = value_->evaluate(run.context, run.arena);
    if (!sample || !convert(*sample, Type::kInteger, run.arena)) return std::nullopt;
    return static_cast<std::uint32_t>(sample->integer);
  }
  [[nodiscard]] std::uint8_t needs() const {
    return value_ ? value_->needs() : std::uint8_t{expression::kNeedsNothing};
  }

 private:
  std::optional<expression::Expression> value_;
  std::uint64_t number_ = 1;
};

enum class Change : std::uint8_t { kCount, kSet };

/// `data`: the number that is changed, by HAProxy's name for it.
class ChangeTracked final : public Action {
 public:
  ChangeTracked(Change change, const StickData& data, Target target, Amount amount)
      : change_(change), data_(data), target_(target), amount_(std::move(amount)) {}

  Verdict run(Run& run) const override {
    const Tracking* tracking = run.context.tracking;
    const Tracking::Tracked* tracked = tracking == nullptr ? nullptr : tracking->find(target_.counter);
    if (tracked == nullptr) return {};
    // Evaluated before the lock is taken: it may look into the very table.
    const auto amount = amount_.evaluate(run);
    if (!amount) return {};
    auto entry = tracked->table->lock(*tracked->entry, run.context.now);
    if (change_ == Change::kCount) {
      (void)increment_gpc(entry, data_, target_.element, *amount);
    } else {
      (void)set_gpt(entry, data_, target_.element, *amount);
    }
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return amount_.needs(); }

 private:
  Change change_;
  const StickData& data_;
  Target target_;
  Amount amount_;
};

const StickData& data_of(std::string_view fetch) {
  return *std::ranges::find(expression::kStickData, fetch, &StickData::fetch);
}

Compiled<std::unique_ptr<Action>> read_change(ActionWords& words, Change change, std::string_view fetch,
                                              bool has_amount) {
  const StickData& data = data_of(fetch);
  const auto target = take_target(words, data.has_index);
  if (!target) return std::unexpected(target.error());
  auto amount = has_amount ? Amount::read(words) : Amount();
  if (!amount) return std::unexpected(amount.error());
  return std::make_unique<ChangeTracked>(change, data, *target, std::move(*amount));
}

constexpr ActionRow kRows[] = {
    {"sc-add-gpc", kChanging,
     [](ActionWords& words) { return read_change(words, Change::kCount, "inc_gpc", true); }},
    {"sc-inc-gpc", kChanging,
     [](ActionWords& words) { return read_change(words, Change::kCount, "inc_gpc", false); }},
    {"sc-inc-gpc0", kChanging,
     [](ActionWords& words) { return read_change(words, Change::kCount, "inc_gpc0", false); }},
    {"sc-inc-gpc1", kChanging,
     [](ActionWords& words) { return read_change(words, Change::kCount, "inc_gpc1", false); }},
    {"sc-set-gpt", kChanging,
     [](ActionWords& words) { return read_change(words, Change::kSet, "get_gpt", true); }},
    {"sc-set-gpt0", kChanging,
     [](ActionWords& words) { return read_change(words, Change::kSet, "get_gpt0", true); }},
    {"track-sc0", kTracking, read_track<0>},
    {"track-sc1", kTracking, read_track<1>},
    {"track-sc2", kTracking, read_track<2>},
};

}  // namespace

std::span<const ActionRow> track_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
