// Fetches of what is kept of messages for the log, and of what went wrong with the client's connection.
#include "lb/rules/expression/fetch.h"

namespace reseal::rules::expression {
namespace {

bool text_of(std::string_view text, Sample& out) {
  if (text.empty()) return false;
  out = Sample::string(text);
  return true;
}

/// By the number of the capture, from 0.
template <std::span<const std::string_view> SampleContext::* kMember>
bool fetch_captured(const Call& call, Sample& out) {
  const auto captured = call.context.*kMember;
  const std::int64_t index = call.argument(0).integer;
  if (index < 0 || static_cast<std::size_t>(index) >= captured.size()) return false;
  return text_of(captured[static_cast<std::size_t>(index)], out);
}

/// A connection on which there is something to evaluate has met no error.
bool fetch_no_error(const Call& call, Sample& out) {
  out = Sample::number(0);
  return call.context.client != nullptr;
}
bool fetch_no_tls_error(const Call& call, Sample& out) {
  out = Sample::number(0);
  return call.context.tls != nullptr;
}

constexpr FetchRow kRows[] = {
    {"capture.req.hdr", "i", Type::kString, kNeedsRequest, fetch_captured<&SampleContext::captured_request>},
    {"capture.res.hdr", "i", Type::kString, kNeedsResponse,
     fetch_captured<&SampleContext::captured_response>},
    {"fc_err", "", Type::kInteger, kNeedsConnection, fetch_no_error},
    {"ssl_c_ca_err", "", Type::kInteger, kNeedsConnection, fetch_no_tls_error},
    {"ssl_c_err", "", Type::kInteger, kNeedsConnection, fetch_no_tls_error},
    {"ssl_fc_err", "", Type::kInteger, kNeedsConnection, fetch_no_tls_error},
};

}  // namespace

std::span<const FetchRow> capture_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
