// Setting, adding and removing fields, as rules ask for it. Compiled once; immutable; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lb/http/message.h"
#include "lb/rules/text_template.h"

namespace reseal::rules {

/// Why rules may not touch a field of that name, and what does instead; empty if they may: fields that frame or
/// route a message are stated from what was decided, never from text.
std::string_view why_not_editable(std::string_view name);

struct HeaderEdit {
  enum class Kind : std::uint8_t {
    kSet,    ///< the field has this value and no other
    kAdd,    ///< one line more
    kRemove  ///< no line of it is left
  };
  Kind kind = Kind::kSet;
  http::FieldName id = http::FieldName::kOther;
  std::string name;
  std::string lower;   ///< the name as is_same_variable wants it
  TextTemplate value;  ///< empty with kRemove

  HeaderEdit() = default;
  HeaderEdit(Kind edit, std::string field, TextTemplate text);
};

/// In order. kSet and kRemove take the field in every spelling that a server might take for it (http::is_same_variable).
/// A value whose variables are all empty adds no field. The head borrows names and literal values from
/// `edits`.
void apply(const std::vector<HeaderEdit>& edits, const RequestFacts& facts, http::MessageHead& head);

/// For fields beside the head that apply() is for (trailers, interim responses): what `edits` set or remove is dropped.
void drop_edited(const std::vector<HeaderEdit>& edits, std::span<http::Field> fields);

}  // namespace reseal::rules
