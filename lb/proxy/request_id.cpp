#include "lb/proxy/request_id.h"

#include <algorithm>

#include "lb/http/characters.h"
#include "lb/http/sanitize.h"

namespace reseal::proxy {
namespace {

constexpr std::size_t kLongestId = 128;

void put_hex(std::uint64_t value, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kDigits[(value >> shift) & 0xf];
}

bool is_id_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-_.:+/=@~").find(c) != std::string_view::npos;
}

/// The value of the only field of that name; empty if there is none or more than one.
std::string_view take_field(const RequestIdSettings& settings, http::MessageHead& head) {
  std::string_view value;
  int lines = 0;
  for (http::Field& field : head.fields) {
    if (field.drop || !http::is_same_variable(field.name, settings.lower)) continue;
    field.drop = true;
    value = field.value;
    ++lines;
  }
  return lines == 1 ? value : std::string_view();
}

}  // namespace

std::string_view RequestIds::next(Arena& arena) {
  char* text = arena.allocate(kLength);
  put_hex(prefix_, text);
  put_hex(++count_, text + kLength / 2);
  return {text, kLength};
}

bool is_valid_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId && std::ranges::all_of(text, is_id_char);
}

void assign_request_id(const RequestIdSettings& settings, bool trusted_client, RequestIds& ids,
                       http::RequestHead& head) {
  if (settings.field.empty()) return;
  const std::string_view sent = take_field(settings, head);
  const bool kept = settings.keeps(trusted_client) && is_valid_request_id(sent);
  head.request_id = kept ? sent : ids.next(head.arena);
  head.add(http::field_name(settings.field), settings.field, head.request_id);
}

void drop_request_id(const RequestIdSettings& settings, std::span<http::Field> fields) {
  if (settings.field.empty()) return;
  for (http::Field& field : fields) {
    if (http::is_same_variable(field.name, settings.lower)) field.drop = true;
  }
}

void return_request_id(const RequestIdSettings& settings, std::string_view id, http::ResponseHead& head) {
  if (!settings.respond || id.empty()) return;
  take_field(settings, head);
  head.add(http::field_name(settings.field), settings.field, id);
}

}  // namespace reseal::proxy
