// Walking a head's fields the way HAProxy's fetches do: every line of a name, whole or cut at the commas outside quotes.
// Pure; allocates nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "lb/http/message.h"

namespace reseal::rules::expression {

/// Rules do not see what rules have removed; what is left out because it belongs to one connection (Connection, Upgrade)
/// they see, as it came.
bool is_visible(const http::Field& field);

/// The first line's whole value; empty if there is none, or no head.
std::string_view first_value(const http::MessageHead* head, std::string_view name);

/// One value after the other; copies are places to come back to.
class FieldWalk {
 public:
  /// `name` is empty for every field. `split`: at commas. `item` and `offset` are where an earlier walk had come to.
  FieldWalk(const http::MessageHead& head, std::string_view name, bool split, std::uint32_t item = 0,
            std::uint32_t offset = 0)
      : head_(&head), name_(name), split_(split), item_(item), offset_(offset) {}

  /// False behind the last one.
  bool next(std::string_view& value);
  [[nodiscard]] std::uint32_t item() const { return item_; }
  [[nodiscard]] std::uint32_t offset() const { return offset_; }

 private:
  [[nodiscard]] bool is_wanted(const http::Field& field) const;

  const http::MessageHead* head_;
  std::string_view name_;
  bool split_;
  std::uint32_t item_;    // the field to look at
  std::uint32_t offset_;  // of its next value
};

}  // namespace reseal::rules::expression
