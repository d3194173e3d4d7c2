#include "lb/config/check_status.h"

#include <array>

namespace reseal::config {
namespace {

struct Words {
  std::string_view word, description;
};
constexpr std::array<Words, kCheckStatuses> kWords = {{{"UNK", "Unknown"},
                                                       {"CHECKED", "No status change"},
                                                       {"SOCKERR", "Socket error"},
                                                       {"L4OK", "Layer4 check passed"},
                                                       {"L4TOUT", "Layer4 timeout"},
                                                       {"L4CON", "Layer4 connection problem"},
                                                       {"L6OK", "Layer6 check passed"},
                                                       {"L6TOUT", "Layer6 timeout"},
                                                       {"L6RSP", "Layer6 invalid response"},
                                                       {"L7OK", "Layer7 check passed"},
                                                       {"L7OKC", "Layer7 check conditionally passed"},
                                                       {"L7TOUT", "Layer7 timeout"},
                                                       {"L7RSP", "Layer7 invalid response"},
                                                       {"L7STS", "Layer7 wrong status"}}};

}  // namespace

std::string_view word_of(CheckStatus status) {
  return kWords[static_cast<std::size_t>(status)].word;
}

std::string_view description_of(CheckStatus status) {
  return kWords[static_cast<std::size_t>(status)].description;
}

std::optional<CheckStatus> check_status(std::string_view word) {
  for (std::size_t i = static_cast<std::size_t>(CheckStatus::kL4Ok); i < kCheckStatuses; ++i) {
    if (kWords[i].word == word) return static_cast<CheckStatus>(i);
  }
  return std::nullopt;
}

}  // namespace reseal::config
