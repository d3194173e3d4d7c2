// Which rules of a list a request for some host has to be asked about: a table from host to rules, beside those that do
// not depend on one. Compiled once; immutable; any thread. Allocates nothing afterwards.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lb/rules/rule.h"

namespace reseal::rules {

class HostIndex {
 public:
  /// With fewer hosts in its rules a list is walked as it is: comparing them is quicker than the look into the table.
  static constexpr std::size_t kFewestHosts = 3;

  /// A position behind the last rule.
  static constexpr std::uint32_t kEnd = std::numeric_limits<std::uint32_t>::max();

  /// The rules to ask for one request, in the order of the list. Borrows from the index.
  class Walk {
   public:
    /// The position of the next rule; kEnd behind the last, and no call after it.
    std::uint32_t next() { return *named_ < *others_ ? *named_++ : *others_++; }

   private:
    friend class HostIndex;
    Walk(const std::uint32_t* named, const std::uint32_t* others) : named_(named), others_(others) {}

    const std::uint32_t* named_;
    const std::uint32_t* others_;
  };

  HostIndex() = default;
  /// Takes the hosts out of the conditions that it answers from now on: those of rules that ask for whole names only.
  explicit HostIndex(std::span<Rule> rules);

  /// There is no table: every rule of the list is to be asked.
  [[nodiscard]] bool is_empty() const { return named_.empty(); }
  /// Not of an empty index. `host` as in RequestFacts, in any case.
  [[nodiscard]] Walk walk(std::string_view host) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view host) const;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
  };
  using Positions = std::vector<std::uint32_t>;  ///< ascending, the last is kEnd

  std::unordered_map<std::string, Positions, Hash, Equal> named_;
  Positions others_;  ///< rules to ask whatever the host is
};

}  // namespace reseal::rules
