#include "lb/proxy/stats_page.h"

#include <algorithm>
#include <cstdint>

#include "lb/base/text.h"

namespace reseal::proxy {
namespace {

/// RFC 4648 4.
std::string base64(std::string_view text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool is_padding = i + j > text.size();
      out += is_padding ? '=' : kAlphabet[group >> (18 - 6 * j) & 63U];
    }
  }
  return out;
}

/// In a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned differs = a.size() == b.size() ? 0U : 1U;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const char other = i < a.size() ? a[i] : '\0';
    differs |= static_cast<unsigned char>(other) ^ static_cast<unsigned char>(b[i]);
  }
  return differs == 0;
}

}  // namespace

StatsPage::StatsPage(config::StatsPage settings, std::string proxy)
    : settings_(std::move(settings)), proxy_(std::move(proxy)) {
  for (const auto& [name, password] : settings_.users) credentials_.push_back(base64(name + ":" + password));
}

bool StatsPage::is_asked_for(const http::RequestHead& request) const {
  const bool may_be = request.method == http::Method::kGet || request.method == http::Method::kHead ||
                      request.method == http::Method::kPost;
  return may_be && request.target.starts_with(settings_.uri);
}

bool StatsPage::may_see(const http::RequestHead& request) const {
  if (credentials_.empty()) return true;
  constexpr std::string_view kScheme = "Basic ";
  const http::Field* field = request.find(http::FieldName::kAuthorization);
  if (field == nullptr || !equals_ignoring_case(field->value.substr(0, kScheme.size()), kScheme))
    return false;
  const std::string_view given = trim_blanks(field->value.substr(kScheme.size()));
  bool is_known = false;
  for (const std::string& credential : credentials_)
    is_known = equal_in_constant_time(given, credential) || is_known;
  return is_known;
}

}  // namespace reseal::proxy
