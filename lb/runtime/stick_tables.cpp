#include "lb/runtime/stick_tables.h"

#include <algorithm>
#include <array>
#include <random>

#include "lb/runtime/stick_words.h"

namespace reseal::runtime {
namespace {

using rules::stick::DataType;
using rules::stick::Definition;
using rules::stick::HashKey;
using rules::stick::Table;

void store_too(Definition& definition, DataType type) {
  if (std::ranges::find(definition.stored, type, &rules::stick::Stored::type) == definition.stored.end())
    definition.stored.push_back({type});
}

/// The server is stored where `stick` rules need it, said or not.
void store_servers(const config::Configuration& configuration,
                   std::map<std::string, Definition>& definitions) {
  for (const config::Backend& backend : configuration.backends) {
    for (const config::RuleLine& line : backend.stick_rules) {
      const StickWords words = split_stick_words(line);
      const auto table = definitions.find(words.table.empty() ? backend.name : words.table);
      if (table == definitions.end()) continue;  // told where the rule is compiled
      store_too(table->second, DataType::kServerId);
      store_too(table->second, DataType::kServerKey);
    }
  }
}

HashKey random_key() {
  std::random_device device;
  const auto number = [&] { return std::uint64_t{device()} << 32 | device(); };
  return {number(), number()};
}

}  // namespace

void StickTables::build(const config::Configuration& configuration, const StickTables* previous) {
  std::map<std::string, Definition> definitions;
  for (const config::StickTable& table : configuration.stick_tables)
    definitions[table.name] = table.definition;
  store_servers(configuration, definitions);
  for (auto& [name, definition] : definitions) {
    std::shared_ptr<Table> table;
    if (previous != nullptr) {
      const auto old = previous->tables_.find(name);
      if (old != previous->tables_.end() && definition.keeps_entries_of(old->second.definition))
        table = old->second.table;
    }
    if (table == nullptr) table = std::make_shared<Table>(name, definition, random_key());
    tables_[name] = {std::move(table), std::move(definition)};
  }
}

void StickTables::apply_ageing() const {
  for (const auto& [name, named] : tables_)
    named.table->set_ageing(named.definition.expire, named.definition.nopurge);
}

std::vector<stats::StickTableSnapshot> StickTables::snapshot(TimePoint now) const {
  constexpr std::array kTypes = {"ip", "ipv6", "integer", "string", "binary"};
  std::vector<stats::StickTableSnapshot> all;
  for (const auto& [name, named] : tables_) {
    if (named.definition.size == 0) continue;
    const char* type = kTypes[static_cast<std::size_t>(named.definition.type)];
    all.push_back({name, type, named.definition.size, named.table->entries(now)});
  }
  return all;
}

std::shared_ptr<Table> StickTables::find(std::string_view name) {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second.table;
}

}  // namespace reseal::runtime
