#include "lb/proxy/grpc_status.h"

#include "lb/base/text.h"

namespace reseal::proxy {

bool is_grpc(const http::RequestHead& head) {
  constexpr std::string_view kType = "application/grpc";
  if (head.version != http::Version::kHttp2) return false;
  const http::Field* type = head.find(http::FieldName::kContentType);
  if (type == nullptr || !equals_ignoring_case(type->value.substr(0, kType.size()), kType)) return false;
  const std::string_view rest = type->value.substr(kType.size());
  return rest.empty() || std::string_view("+; \t").find(rest.front()) != std::string_view::npos;
}

int grpc_status(int http_status) {
  enum {
    kUnknown = 2,
    kPermissionDenied = 7,
    kUnimplemented = 12,
    kInternal = 13,
    kUnavailable = 14,
    kUnauthenticated = 16
  };
  switch (http_status) {
    case 400:
      return kInternal;
    case 401:
      return kUnauthenticated;
    case 403:
      return kPermissionDenied;
    case 404:
      return kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return kUnavailable;
    default:
      return kUnknown;
  }
}

}  // namespace reseal::proxy
