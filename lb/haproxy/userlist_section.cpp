// The section `userlist`: users, their passwords and their groups.
#include <algorithm>
#include <map>

#include "lb/base/text.h"
#include "lb/haproxy/finish.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) names.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

/// Names, and the word that says them.
struct Named {
  std::vector<std::string> names;
  const Line* line = nullptr;
  std::size_t word = 0;
};

class UserListReader {
 public:
  UserListReader(Translator& translator, const Section& section)
      : translator_(translator), section_(section) {}

  config::UserList read() {
    list_.name = section_.name;
    list_.place = translator_.place_of(section_.head, 1);
    for (const Line& line : section_.lines) {
      if (const auto problem = check_keyword(section_, line)) {
        translator_.report(line, problem->word, problem->severity, problem->message);
      } else if (line.words.front().text == "user") {
        read_user(line);
      } else {
        read_group(line);
      }
    }
    join();
    return std::move(list_);
  }

 private:
  void read_user(const Line& line) {
    config::User user;
    user.place = translator_.place_of(line, 1);
    user.name = translator_.argument(line, 1, "a name");
    if (user.name.empty()) return;
    if (std::ranges::find(list_.users, user.name, &config::User::name) != list_.users.end()) {
      translator_.report(
          line, 1, config::Severity::kWarning,
          "user '" + user.name + "' is already in the list '" + list_.name + "': this one is ignored");
      return;
    }
    Named groups;
    for (std::size_t i = 2; i < line.words.size(); i += 2) {
      const std::string& option = line.words[i].text;
      const bool is_plain = option == "insecure-password";
      if (is_plain || option == "password") {
        user.password = translator_.argument(line, i + 1, "a password");
        user.has_plain_password = is_plain;
      } else if (option == "groups") {
        groups = {split_names(translator_.argument(line, i + 1, "names of groups")), &line, i + 1};
      } else {
        translator_.error(
            line, i, "'" + option + "' is not expected here (accepted: password, insecure-password, groups)");
        return;
      }
    }
    list_.users.push_back(std::move(user));
    groups_of_users_.push_back(std::move(groups));
  }

  void read_group(const Line& line) {
    const std::string name = translator_.argument(line, 1, "a name");
    if (name.empty()) return;
    if (groups_.contains(name)) {
      translator_.report(
          line, 1, config::Severity::kWarning,
          "group '" + name + "' is already in the list '" + list_.name + "': this one is ignored");
      return;
    }
    Named users;
    for (std::size_t i = 2; i < line.words.size(); i += 2) {
      if (line.words[i].text != "users") {
        translator_.error(line, i, "'" + line.words[i].text + "' is not expected here (accepted: users)");
        return;
      }
      users = {split_names(translator_.argument(line, i + 1, "names of users")), &line, i + 1};
    }
    groups_.emplace(name, std::move(users));
  }

  /// Both may name the other, whichever comes first.
  void join() {
    for (std::size_t i = 0; i < list_.users.size(); ++i) {
      for (const std::string& group : groups_of_users_[i].names) {
        if (!groups_.contains(group)) {
          translator_.error(*groups_of_users_[i].line, groups_of_users_[i].word,
                            "there is no group '" + group + "' in the list '" + list_.name + "'");
        }
        add(list_.users[i], group);
      }
    }
    for (const auto& [group, users] : groups_) {
      for (const std::string& name : users.names) {
        const auto user = std::ranges::find(list_.users, name, &config::User::name);
        if (user == list_.users.end()) {
          translator_.error(*users.line, users.word,
                            "there is no user '" + name + "' in the list '" + list_.name + "'");
        } else {
          add(*user, group);
        }
      }
    }
  }
  static void add(config::User& user, const std::string& group) {
    if (std::ranges::find(user.groups, group) == user.groups.end()) user.groups.push_back(group);
  }

  Translator& translator_;
  const Section& section_;
  config::UserList list_;
  std::vector<Named> groups_of_users_;
  std::map<std::string, Named> groups_;
};

}  // namespace

config::UserList read_user_list(Translator& translator, const Section& section) {
  return UserListReader(translator, section).read();
}

}  // namespace reseal::haproxy
