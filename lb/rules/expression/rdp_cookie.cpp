#include "lb/rules/expression/rdp_cookie.h"

#include <algorithm>

#include "lb/base/text.h"

namespace reseal::rules::expression {
namespace {

constexpr std::size_t kHeaderBytes = 11;  // of TPKT and of the connection request of X.224
constexpr std::string_view kField = "Cookie:";
constexpr RdpCookie kNone{};
constexpr RdpCookie kMore{false, true, {}};

}  // namespace

RdpCookie find_rdp_cookie(std::string_view bytes, std::string_view name) {
  if (bytes.size() <= kHeaderBytes + kField.size()) return kMore;
  bytes.remove_prefix(kHeaderBytes);
  if (!equals_ignoring_case(bytes.substr(0, kField.size()), kField)) return kNone;
  bytes.remove_prefix(kField.size());
  bytes.remove_prefix(std::min(bytes.find_first_not_of(' '), bytes.size()));
  const std::size_t equals = name.empty() ? bytes.find_first_of("=\r\n") : name.size();
  if (equals >= bytes.size()) return kMore;
  if (bytes[equals] != '=') return kNone;
  if (!name.empty() && !equals_ignoring_case(bytes.substr(0, equals), name)) return kNone;
  bytes.remove_prefix(equals + 1);
  const std::size_t end = bytes.find('\r');
  if (end == std::string_view::npos || end + 1 == bytes.size()) return kMore;
  if (bytes[end + 1] != '\n') return kNone;
  return {true, false, bytes.substr(0, end)};
}

}  // namespace reseal::rules::expression
