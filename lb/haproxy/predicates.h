// What a condition may ask about, one table row each. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/haproxy/condition.h"
#include "lb/haproxy/environment.h"

namespace reseal::haproxy {

struct PredicateInput {
  const std::vector<std::string>& arguments;  ///< as many as Predicate::arguments says
  const Environment& environment;
  const Abilities& abilities;
};

struct Predicate {
  std::string_view name;
  std::size_t arguments;
  bool (*holds)(const PredicateInput& input);
};

/// Nullptr if there is none of that name.
const Predicate* find_predicate(std::string_view name);

/// For "accepted are ...".
std::vector<std::string> predicate_names();

}  // namespace reseal::haproxy
