#include "lb/http/h2_header_block.h"

namespace reseal::http {

void HeaderBlock::clear() {
  fields_.clear();
  arena_.clear();
  bytes_ = 0;
}

bool HeaderBlock::add(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (!is_too_large()) {
    fields_.push_back({arena_.copy(name), arena_.copy(value)});
    return true;
  }
  if (!fields_.empty()) {
    fields_.clear();
    arena_.clear();
  }
  return bytes_ <= kFarOver * most_bytes_;
}

}  // namespace reseal::http
