#include "lb/base/error.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace reseal {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Code::kCount_)> kWords = {
    "ok",
    "client_gone",
    "client_timeout",
    "client_tls_failed",
    "proxy_header_invalid",
    "bad_request",
    "ambiguous_request",
    "head_too_large",
    "target_too_long",
    "body_too_large",
    "method_refused",
    "version_refused",
    "expectation_refused",
    "coding_refused",
    "request_denied",
    "no_route",
    "no_server_up",
    "connect_failed",
    "connect_timeout",
    "server_certificate_untrusted",
    "server_certificate_expired",
    "server_certificate_name_mismatch",
    "server_certificate_invalid",
    "server_requires_certificate",
    "server_plaintext",
    "server_tls_failed",
    "server_reset",
    "server_closed",
    "server_truncated",
    "server_refused",
    "server_timeout",
    "server_cannot_upgrade",
    "tunnel_timeout",
    "bad_response",
    "out_of_descriptors",
    "io",
    "internal",
};

}  // namespace

std::string_view code_word(Code code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kWords.size() ? kWords[index] : kWords[static_cast<std::size_t>(Code::kInternal)];
}

std::string describe(const Error& error) {
  std::string text = fmt::format("{}: {}", code_word(error.code), error.detail);
  if (error.system != 0) {
    text += fmt::format(" ({})", std::strerror(error.system));
  }
  return text;
}

}  // namespace reseal
