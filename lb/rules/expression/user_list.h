// Users with their passwords and groups: what http_auth asks. Passwords are as crypt(3) makes them, which is slow on
// purpose, so the last one that was right is remembered by its keyed hash (docs/decisions/0032). Built on the control thread;
// afterwards shared by all workers, which take no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tls/digest.h"

namespace reseal::rules::expression {

class UserList {
 public:
  class User {
   public:
    [[nodiscard]] const std::vector<std::string>& groups() const { return groups_; }

   private:
    friend class UserList;
    static constexpr std::size_t kWords = 4;
    /// The keyed hash of the password that was right, in words: which are all zero before there was one. Whoever writes them
    /// writes the same, so that they are never of two halves.
    mutable std::array<std::atomic<std::uint64_t>, kWords> known_{};
    std::string crypted_;  // empty: only what is known already is right
    std::vector<std::string> groups_;
  };

  /// With a random key of its own. Ends the process when OpenSSL has no random numbers or no SHA-256.
  UserList();

  /// `crypted`: as crypt(3) makes it. False if the libcrypt that is there does not know that way. A name that is there
  /// already stays as it is.
  bool add_crypted(const std::string& name, const std::string& crypted, std::vector<std::string> groups);
  /// The password as it is; empty: none is right.
  void add_plain(const std::string& name, std::string_view password, std::vector<std::string> groups);

  /// Null: there is no such user, or it is not the password. May take as long as crypt(3) does, some milliseconds, and in
  /// this thread; not for the password that was right before.
  [[nodiscard]] const User* check(std::string_view name, std::string_view password) const;

 private:
  using Hash = std::array<std::uint64_t, User::kWords>;
  [[nodiscard]] Hash hash(std::string_view password) const;
  static bool is_known(const User& user, const Hash& hash);
  static void remember(const User& user, const Hash& hash);
  User* add(const std::string& name, std::vector<std::string> groups);

  std::string key_;
  tls::Digest digest_;
  std::map<std::string, std::unique_ptr<User>, std::less<>> users_;
};

}  // namespace reseal::rules::expression
