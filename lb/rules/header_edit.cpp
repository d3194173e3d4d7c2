#include "lb/rules/header_edit.h"

#include "lb/http/sanitize.h"

namespace reseal::rules {

std::string_view why_not_editable(std::string_view name) {
  switch (http::field_name(name)) {
    case http::FieldName::kHost:
      return "the host of a request is changed by rewrite: { host: ... }";
    case http::FieldName::kContentLength:
    case http::FieldName::kTransferEncoding:
    case http::FieldName::kTrailer:
      return "it says where a message ends, which reseal states itself";
    case http::FieldName::kConnection:
    case http::FieldName::kKeepAlive:
    case http::FieldName::kProxyConnection:
    case http::FieldName::kTe:
    case http::FieldName::kUpgrade:
    case http::FieldName::kHttp2Settings:
    case http::FieldName::kExpect:
      return "it is about one connection, and never crosses to the other";
    default:
      return {};
  }
}

namespace {

void drop_field(const HeaderEdit& edit, std::span<http::Field> fields) {
  for (http::Field& field : fields) {
    if (http::is_same_variable(field.name, edit.lower)) field.drop = true;
  }
}

}  // namespace

HeaderEdit::HeaderEdit(Kind edit, std::string field, TextTemplate text)
    : kind(edit),
      id(http::field_name(field)),
      name(std::move(field)),
      lower(http::as_variable(name)),
      value(std::move(text)) {}

void apply(const std::vector<HeaderEdit>& edits, const RequestFacts& facts, http::MessageHead& head) {
  for (const HeaderEdit& edit : edits) {
    if (edit.kind != HeaderEdit::Kind::kAdd) drop_field(edit, head.fields);
    const std::string_view value = edit.value.render(facts, head.arena);
    if (!value.empty()) head.add(edit.id, edit.name, value);
  }
}

void drop_edited(const std::vector<HeaderEdit>& edits, std::span<http::Field> fields) {
  for (const HeaderEdit& edit : edits) {
    if (edit.kind != HeaderEdit::Kind::kAdd) drop_field(edit, fields);
  }
}

}  // namespace reseal::rules
