#include "lb/rules/expression/field_walk.h"

#include "lb/base/text.h"

namespace reseal::rules::expression {
namespace {

/// The end of the value that `text` begins with: the next comma outside quotes.
std::size_t end_of_value(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return text.size();
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ',') {
      return i;
    }
  }
  return text.size();
}

}  // namespace

bool is_visible(const http::Field& field) {
  switch (field.id) {
    case http::FieldName::kConnection:
    case http::FieldName::kContentLength:
    case http::FieldName::kUpgrade:
    case http::FieldName::kKeepAlive:
    case http::FieldName::kProxyConnection:
    case http::FieldName::kTe:
    case http::FieldName::kTransferEncoding:
    case http::FieldName::kHttp2Settings:
      return true;
    default:
      return !field.drop;
  }
}

std::string_view first_value(const http::MessageHead* head, std::string_view name) {
  std::string_view value;
  if (head != nullptr) FieldWalk(*head, name, false).next(value);
  return value;
}

bool FieldWalk::is_wanted(const http::Field& field) const {
  return (name_.empty() || equals_ignoring_case(field.name, name_)) && is_visible(field);
}

bool FieldWalk::next(std::string_view& value) {
  for (; item_ < head_->fields.size(); ++item_, offset_ = 0) {
    const http::Field& field = head_->fields[item_];
    if (!is_wanted(field) || offset_ > field.value.size()) continue;
    if (!split_) {
      value = field.value;
      ++item_;
      return true;
    }
    const std::string_view rest = field.value.substr(offset_);
    const std::size_t end = end_of_value(rest);
    value = trim_blanks(rest.substr(0, end));
    offset_ += static_cast<std::uint32_t>(
        end + 1);  // behind the value's end where no comma follows: then it was the last
    return true;
  }
  return false;
}

}  // namespace reseal::rules::expression
