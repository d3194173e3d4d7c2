// The stick tables of a generation by their names, made anew or taken over from the one before. Control thread; the tables
// themselves are shared by all.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lb/config/model.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/stick/table.h"
#include "lb/stats/snapshot.h"

namespace reseal::runtime {

class StickTables final : public rules::expression::TableFinder {
 public:
  /// Tables of `previous` (may be null) whose entries may stay are the same objects.
  void build(const config::Configuration& configuration, const StickTables* previous);
  /// How long entries stay, of tables that were taken over: once the configuration holds.
  void apply_ageing() const;

  /// What is compiled from now on belongs to the section of that name.
  void enter(std::string section) { section_ = std::move(section); }
  std::shared_ptr<rules::stick::Table> find(std::string_view name) override;
  std::shared_ptr<rules::stick::Table> own() override { return find(section_); }

  struct Named {
    std::shared_ptr<rules::stick::Table> table;
    rules::stick::Definition definition;  // as this generation has it
  };
  [[nodiscard]] const std::map<std::string, Named, std::less<>>& all() const { return tables_; }
  [[nodiscard]] std::vector<stats::StickTableSnapshot> snapshot(TimePoint now) const;

 private:
  std::map<std::string, Named, std::less<>> tables_;
  std::string section_;
};

}  // namespace reseal::runtime
