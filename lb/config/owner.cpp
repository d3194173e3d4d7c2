#include "lb/config/owner.h"

#include <grp.h>
#include <pwd.h>

#include <charconv>

#include "lb/base/text.h"

namespace reseal::config {
namespace {

constexpr unsigned kMostOwner = 2'000'000'000;
constexpr unsigned kMostMode = 07777;
constexpr int kOctal = 8;

std::optional<unsigned> written_out(const std::string& text) {
  const auto number = parse_decimal(text);
  if (!number || *number > kMostOwner) return std::nullopt;
  return static_cast<unsigned>(*number);
}

}  // namespace

// Once at a time: the control thread alone reads configurations.

std::optional<unsigned> user_number(const std::string& text) {
  if (const passwd* user = ::getpwnam(text.c_str())) return user->pw_uid;
  return written_out(text);
}

std::optional<unsigned> group_number(const std::string& text) {
  if (const group* found = ::getgrnam(text.c_str())) return found->gr_gid;
  return written_out(text);
}

std::string user_text(unsigned number) {
  const passwd* user = ::getpwuid(number);
  return user != nullptr ? user->pw_name : std::to_string(number);
}

std::string group_text(unsigned number) {
  const group* found = ::getgrgid(number);
  return found != nullptr ? found->gr_name : std::to_string(number);
}

void read_owner(ValueReader& reader, const YamlNode& node, const char* key,
                std::optional<unsigned> (*number)(const std::string&), std::optional<unsigned>& out) {
  std::string text;
  reader.text(node, key, text);
  if (text.empty()) return;
  out = number(text);
  if (!out)
    reader.error(node.place,
                 std::string(key) + " is '" + shortened(text) + "', which this machine does not know");
}

std::optional<unsigned> octal(const std::string& text) {
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, kOctal);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || mode > kMostMode)
    return std::nullopt;
  return mode;
}

std::string octal_text(unsigned mode) {
  char digits[16];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), mode, kOctal);
  return {digits, end};
}

}  // namespace reseal::config
