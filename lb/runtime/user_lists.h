// The lists of users of a generation by their names. Control thread; the lists themselves are shared by all.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "lb/config/model.h"
#include "lb/rules/expression/environment.h"

namespace reseal::runtime {

class UserLists final : public rules::expression::UserListFinder {
 public:
  /// `report` is told what is wrong with a password.
  void build(const std::vector<config::UserList>& lists,
             const std::function<void(config::Place, const std::string&)>& report);
  std::shared_ptr<const rules::expression::UserList> find(std::string_view name) const override;

 private:
  std::map<std::string, std::shared_ptr<const rules::expression::UserList>, std::less<>> lists_;
};

}  // namespace reseal::runtime
