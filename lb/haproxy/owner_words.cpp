#include "lb/haproxy/owner_words.h"

#include <grp.h>
#include <pwd.h>

#include <charconv>

namespace reseal::haproxy {

std::optional<unsigned> user_named(Translator& translator, const Line& line, std::size_t word) {
  const std::string name = translator.argument(line, word, "a user");
  if (name.empty()) return std::nullopt;
  // Once at a time: the control thread alone reads configurations.
  if (const passwd* user = ::getpwnam(name.c_str())) return user->pw_uid;
  translator.error(line, word, "there is no user '" + name + "' on this machine");
  return std::nullopt;
}

std::optional<unsigned> group_named(Translator& translator, const Line& line, std::size_t word) {
  const std::string name = translator.argument(line, word, "a group");
  if (name.empty()) return std::nullopt;
  if (const group* found = ::getgrnam(name.c_str())) return found->gr_gid;
  translator.error(line, word, "there is no group '" + name + "' on this machine");
  return std::nullopt;
}

std::optional<unsigned> owner_number(Translator& translator, const Line& line, std::size_t word) {
  const std::string text = translator.argument(line, word, "a number");
  if (text.empty()) return std::nullopt;
  constexpr int kMost = 2'000'000'000;
  const auto number = parse_number(text, 0, kMost);
  if (number) return static_cast<unsigned>(*number);
  translator.error(line, word, number.error());
  return std::nullopt;
}

std::optional<unsigned> file_mode(Translator& translator, const Line& line, std::size_t word) {
  const std::string text = translator.argument(line, word, "a mode such as 660");
  if (text.empty()) return std::nullopt;
  unsigned mode = 0;
  constexpr int kOctal = 8;
  constexpr unsigned kMost = 07777;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, kOctal);
  if (error == std::errc{} && end == text.data() + text.size() && mode <= kMost) return mode;
  translator.error(line, word, "'" + text + "' is no mode of a file: octal digits such as 660 are expected");
  return std::nullopt;
}

}  // namespace reseal::haproxy
