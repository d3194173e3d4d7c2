// What a frontend keeps of a request and its response for the log: fields and a cookie by name, as they came (HAProxy's
// `capture`). A member of the exchange's account; allocates nothing once it has its memory. Single thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lb/http/message.h"
#include "lb/rules/expression/capture_slots.h"
#include "lb/stats/access_record.h"

namespace reseal::proxy {

struct Capture {
  std::string name;            ///< empty: a slot that rules put something in
  std::size_t most_bytes = 0;  ///< of what is kept
};

/// Immutable; of a frontend.
struct CaptureRules {
  std::vector<Capture> request;
  std::vector<Capture> response;
  Capture cookie;  ///< the beginning of "NAME=value"; empty: none
  [[nodiscard]] bool empty() const { return request.empty() && response.empty() && cookie.name.empty(); }
};

class Captures final : public rules::expression::CaptureSlots {
 public:
  /// Forgets what was kept.
  void clear();
  /// Borrowed until clear().
  void take_request(const CaptureRules& rules, const http::RequestHead& head);
  /// The last response is the one that counts. What is kept is copied to `arena`, since another answer may take its place.
  void take_response(const CaptureRules& rules, const http::ResponseHead& head, Arena& arena);
  bool keep_of_request(std::size_t slot, std::string_view text) override;
  bool keep_of_response(std::size_t slot, std::string_view text) override;
  [[nodiscard]] stats::LogCaptures view() const {
    return {request_, response_, request_cookie_, response_cookie_};
  }

 private:
  const CaptureRules* rules_ = nullptr;    // null where nothing was taken
  std::vector<std::string_view> request_;  // empty without a request that was understood
  std::vector<std::string_view> response_;
  std::string_view request_cookie_;
  std::string_view response_cookie_;
};

}  // namespace reseal::proxy
