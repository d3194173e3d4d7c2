// Users who may be asked for a name and a password (HTTP's Basic authentication), as a configuration says them. Plain values.
#pragma once

#include <string>
#include <vector>

#include "lb/config/place.h"

namespace reseal::config {

struct User {
  std::string name;
  std::string password;             ///< empty: nobody knows it
  bool has_plain_password = false;  ///< otherwise as crypt(3) makes it: "$6$..."
  std::vector<std::string> groups;
  Place place;
  bool operator==(const User&) const = default;
};

struct UserList {
  std::string name;
  std::vector<User> users;
  Place place;
  bool operator==(const UserList&) const = default;
};

}  // namespace reseal::config
