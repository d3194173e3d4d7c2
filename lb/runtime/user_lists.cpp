#include "lb/runtime/user_lists.h"

#include "lb/rules/expression/user_list.h"

namespace reseal::runtime {

void UserLists::build(const std::vector<config::UserList>& lists,
                      const std::function<void(config::Place, const std::string&)>& report) {
  for (const config::UserList& list : lists) {
    auto users = std::make_shared<rules::expression::UserList>();
    for (const config::User& user : list.users) {
      if (user.has_plain_password || user.password.empty()) {
        users->add_plain(user.name, user.password, user.groups);
      } else if (!users->add_crypted(user.name, user.password, user.groups)) {
        report(user.place,
               "the password of user '" + user.name +
                   "' is not as crypt(3) makes it, or in a way that is not there; accepted: for example what "
                   "`mkpasswd -m sha-512` prints");
      }
    }
    lists_.emplace(list.name, std::move(users));
  }
}

std::shared_ptr<const rules::expression::UserList> UserLists::find(std::string_view name) const {
  const auto found = lists_.find(name);
  return found == lists_.end() ? nullptr : found->second;
}

}  // namespace reseal::runtime
