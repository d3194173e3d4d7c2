// Where rules put what they capture of a request or a response. Single thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace reseal::rules::expression {

class CaptureSlots {
 public:
  /// As much of `text` as the slot keeps; false if there is no slot of that number. Borrowed until the request is over.
  virtual bool keep_of_request(std::size_t slot, std::string_view text) = 0;
  virtual bool keep_of_response(std::size_t slot, std::string_view text) = 0;

 protected:
  ~CaptureSlots() = default;
};

}  // namespace reseal::rules::expression
