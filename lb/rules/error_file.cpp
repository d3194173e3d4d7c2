#include "lb/rules/error_file.h"

#include <algorithm>

#include "lb/base/text.h"
#include "lb/http/characters.h"
#include "lb/http/message.h"
#include "lb/rules/header_edit.h"

namespace reseal::rules {
namespace {

/// The line that `text` begins with, which is moved behind it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "HTTP/1.0 503 Service Unavailable"; 0 if it is none.
int status_of(std::string_view line) {
  constexpr std::size_t kVersion = 9;  // with the blank behind it
  if (!line.starts_with("HTTP/1.") || line.size() < kVersion + 3) return 0;
  const auto status = parse_decimal(line.substr(kVersion, 3));
  const bool is_final = status && *status >= 200 && *status <= 599;
  return is_final ? static_cast<int>(*status) : 0;
}

std::expected<void, std::string> add_field(std::string_view line, StaticBody& response) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || !http::all_chars(name, http::kTokenChar))
    return std::unexpected("the line '" + std::string(line.substr(0, 40)) + "' is not a field");
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (!http::all_chars(value, http::kFieldChar))
    return std::unexpected("the field '" + std::string(name) + "' holds control characters");
  if (http::field_name(name) == http::FieldName::kContentType) {
    response.content_type = value;
  } else if (why_not_editable(name).empty()) {
    response.fields.emplace_back(name, value);
  }
  return {};
}

}  // namespace

std::expected<StaticBody, std::string> parse_error_file(std::string_view text) {
  StaticBody response;
  response.status = status_of(take_line(text));
  if (response.status == 0)
    return std::unexpected("it does not begin with a status line such as 'HTTP/1.1 503 Service Unavailable'");
  while (true) {
    if (text.empty()) return std::unexpected("no empty line ends its head");
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    if (const auto added = add_field(line, response); !added) return std::unexpected(added.error());
  }
  response.text = text;
  return response;
}

}  // namespace reseal::rules
