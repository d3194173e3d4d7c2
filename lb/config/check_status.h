// What a health check found, in the words that HAProxy's log lines, statistics and configuration have for it (its
// management manual, 9.1, check_status).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reseal::config {

enum class CheckStatus : std::uint8_t {
  kUnknown,  ///< none was made yet
  kChecked,  ///< of an agent that says nothing of it
  kSocketError,
  kL4Ok,
  kL4Timeout,
  kL4Connection,
  kL6Ok,
  kL6Timeout,
  kL6Response,
  kL7Ok,
  kL7OkConditionally,  ///< well, but no new clients are to come
  kL7Timeout,
  kL7Response,
  kL7Status
};
constexpr std::size_t kCheckStatuses = static_cast<std::size_t>(CheckStatus::kL7Status) + 1;

/// "L7STS".
std::string_view word_of(CheckStatus status);
/// "Layer7 wrong status".
std::string_view description_of(CheckStatus status);
/// Of those that a configuration can name.
std::optional<CheckStatus> check_status(std::string_view word);
/// A status that says that the server is well.
constexpr bool is_pass(CheckStatus status) {
  return status == CheckStatus::kL4Ok || status == CheckStatus::kL6Ok || status == CheckStatus::kL7Ok ||
         status == CheckStatus::kL7OkConditionally;
}
/// A status beside which a code is shown.
constexpr bool has_code(CheckStatus status) {
  return status == CheckStatus::kL7Ok || status == CheckStatus::kL7OkConditionally ||
         status == CheckStatus::kL7Status;
}

}  // namespace reseal::config
