// What stands in the parentheses behind a fetch's or converter's name, parsed by the row's signature. Immutable after
// compilation; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lb/rules/expression/sample.h"
#include "lb/rules/expression/variables.h"

namespace reseal::rules::stick {
class Table;
}

namespace reseal::tls {
class Digest;
class PublicKey;
}  // namespace reseal::tls

namespace reseal::rules::expression {

struct Acl;
class PatternView;
class ProxyFinder;
class ProxyState;
class Regex;
class UserList;

struct Argument {
  bool is_given = false;
  std::int64_t integer = 0;
  std::string text;
  Sample value;  ///< an address, a mask, or what a map gives for what it does not have
  std::optional<VariableId> variable;
  std::shared_ptr<const Regex> regex;
  std::shared_ptr<const PatternView> map;
  std::shared_ptr<stick::Table> table;
  std::shared_ptr<const UserList> users;
  std::shared_ptr<const Acl> acl;  ///< `integer` is 1 where it must not hold
  std::shared_ptr<const ProxyState> proxy;
  std::shared_ptr<const ProxyFinder> proxies;  ///< for names that are values
  std::shared_ptr<const tls::Digest> digest;
  std::shared_ptr<const tls::PublicKey> key;
};

}  // namespace reseal::rules::expression
