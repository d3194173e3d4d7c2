#include "lb/rules/expression/user_list.h"

#include <crypt.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tls/keyed_hash.h"

namespace reseal::rules::expression {
namespace {

tls::Digest sha256() {
  const auto digest = tls::Digest::find("sha256");
  if (digest) return *digest;
  std::fputs("reseal: no SHA-256 to be had from OpenSSL\n", stderr);
  std::abort();
}

/// Longer ones are refused by crypt(3) too.
constexpr std::size_t kMostPassword = 511;

}  // namespace

UserList::UserList() : key_(tls::random_secret()), digest_(sha256()) {}

UserList::User* UserList::add(const std::string& name, std::vector<std::string> groups) {
  const auto [at, is_new] = users_.try_emplace(name);
  if (!is_new) return nullptr;
  at->second = std::make_unique<User>();
  at->second->groups_ = std::move(groups);
  return at->second.get();
}

bool UserList::add_crypted(const std::string& name, const std::string& crypted,
                           std::vector<std::string> groups) {
  const int salt = crypt_checksalt(crypted.c_str());
  if (salt == CRYPT_SALT_INVALID || salt == CRYPT_SALT_METHOD_DISABLED) return false;
  if (User* user = add(name, std::move(groups))) user->crypted_ = crypted;
  return true;
}

void UserList::add_plain(const std::string& name, std::string_view password,
                         std::vector<std::string> groups) {
  const User* user = add(name, std::move(groups));
  if (user != nullptr && !password.empty()) remember(*user, hash(password));
}

const UserList::User* UserList::check(std::string_view name, std::string_view password) const {
  const auto found = users_.find(name);
  if (found == users_.end()) return nullptr;
  const User& user = *found->second;
  const Hash hashed = hash(password);
  if (is_known(user, hashed)) return &user;
  if (user.crypted_.empty() || password.size() > kMostPassword) return nullptr;
  char text[kMostPassword + 1];
  std::memcpy(text, password.data(), password.size());
  text[password.size()] = '\0';
  if (std::strlen(text) != password.size()) return nullptr;
  crypt_data data;
  data.initialized = 0;
  const char* crypted = crypt_r(text, user.crypted_.c_str(), &data);
  if (crypted == nullptr || !tls::same_secret(crypted, user.crypted_)) return nullptr;
  remember(user, hashed);
  return &user;
}

UserList::Hash UserList::hash(std::string_view password) const {
  char bytes[tls::Digest::kMostBytes] = {};
  Hash hash{};
  static_assert(sizeof(hash) <= sizeof(bytes));
  if (digest_.keyed_hash(key_, password, bytes) < sizeof(hash)) std::abort();  // SHA-256 does not end
  std::memcpy(hash.data(), bytes, sizeof(hash));
  return hash;
}

bool UserList::is_known(const User& user, const Hash& hash) {
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < hash.size(); ++i)
    difference |= user.known_[i].load(std::memory_order_relaxed) ^ hash[i];
  return difference == 0;
}

void UserList::remember(const User& user, const Hash& hash) {
  for (std::size_t i = 0; i < hash.size(); ++i) user.known_[i].store(hash[i], std::memory_order_relaxed);
}

}  // namespace reseal::rules::expression
