// Fetches of a request's body, as far as it was waited for.
#include <algorithm>

#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/parameters.h"
#include "lb/rules/expression/request_body.h"

namespace reseal::rules::expression {
namespace {

bool body_of(const Call& call, std::string_view& bytes) {
  if (call.context.body == nullptr) return false;
  bytes = call.context.body->bytes.substr(0, RequestBody::kMost);
  return true;
}

bool fetch_body(const Call& call, Sample& out) {
  std::string_view bytes;
  if (!body_of(call, bytes)) return false;
  out = Sample::binary(bytes);
  return true;
}

bool fetch_body_length(const Call& call, Sample& out) {
  if (call.context.body == nullptr) return false;
  out = Sample::number(static_cast<std::int64_t>(call.context.body->bytes.size()));
  return true;
}

/// As it was declared; of one in chunks: as much as has come.
bool fetch_body_size(const Call& call, Sample& out) {
  if (call.context.body == nullptr) return false;
  const RequestBody& body = *call.context.body;
  out = Sample::number(static_cast<std::int64_t>(std::max<std::uint64_t>(body.declared, body.bytes.size())));
  return true;
}

/// In the form of a query, whatever its type says.
bool fetch_body_parameter(const Call& call, Sample& out) {
  std::string_view bytes;
  if (!body_of(call, bytes)) return false;
  std::size_t at = call.cursor != nullptr ? call.cursor->offset : 0;
  if (!next_parameter(bytes, '&', call.argument(0).text, at, out.text)) return false;
  out = Sample::string(out.text);
  if (call.cursor != nullptr) {
    call.cursor->offset = static_cast<std::uint32_t>(at);
    call.cursor->more = at < bytes.size();
  }
  return true;
}

constexpr FetchRow kRows[] = {
    {"req.body", "", Type::kBinary, kNeedsRequest, fetch_body},
    {"req.body_len", "", Type::kInteger, kNeedsRequest, fetch_body_length},
    {"req.body_param", "?s", Type::kString, kNeedsRequest, fetch_body_parameter},
    {"req.body_size", "", Type::kInteger, kNeedsRequest, fetch_body_size},
};

}  // namespace

std::span<const FetchRow> body_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
