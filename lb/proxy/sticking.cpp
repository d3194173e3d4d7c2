#include "lb/proxy/sticking.h"

#include "lb/rules/stick/key.h"

namespace reseal::proxy {
namespace {

using backends::StickRule;
using rules::expression::SampleContext;

/// Nothing where the rule's condition does not hold, or there is no value, or it cannot be a key.
std::optional<std::string_view> key_of(const StickRule& rule, const SampleContext& context, Arena& arena) {
  if (rule.condition && !rule.condition->holds(context, arena)) return std::nullopt;
  auto value = rule.key.evaluate(context, arena);
  if (!value) return std::nullopt;
  const auto key = rules::stick::key_of(*value, rule.table->definition(), arena);
  // Of addresses it is a part of `value`; a response's head may be gone when the key is stored.
  if (!key) return std::nullopt;
  return arena.copy(*key);
}

}  // namespace

bool Sticking::is_stored(const StickRule& rule, std::size_t from) const {
  for (std::size_t i = from; i < stored_count_; ++i) {
    if (stored_[i].rule->table == rule.table) return true;
  }
  return false;
}

void Sticking::keep(const StickRule& rule, std::string_view key) {
  if (stored_count_ < kMostStored) stored_[stored_count_++] = {&rule, key};
}

void Sticking::look_at_request(const SampleContext& context, Arena& arena) {
  stored_count_ = 0;
  for (const StickRule& rule : rules_->request) {
    if (rule.is_store && is_stored(rule, 0)) continue;
    const auto key = key_of(rule, context, arena);
    if (!key) continue;
    if (rule.is_match) {
      if (auto entry = rule.table->find(*key, context.now)) {
        if (!preferred_) preferred_ = server_of(rule, *entry);
        entry.touch();
      }
    }
    if (rule.is_store) keep(rule, *key);
  }
}

void Sticking::look_at_response(const SampleContext& context, Arena& arena) {
  const std::size_t of_request = stored_count_;
  for (const StickRule& rule : rules_->response) {
    if (is_stored(rule, of_request)) continue;
    if (const auto key = key_of(rule, context, arena)) keep(rule, *key);
  }
}

void Sticking::store(std::uint32_t server, const SampleContext& context, Arena& arena) {
  look_at_response(context, arena);
  if (rules_->never_stored[server]) stored_count_ = 0;
  for (std::size_t i = 0; i < stored_count_; ++i) {
    const StickRule& rule = *stored_[i].rule;
    if (auto entry = rule.table->find_or_add(stored_[i].key, context.now)) store_server(rule, server, *entry);
  }
  stored_count_ = 0;
}

}  // namespace reseal::proxy
