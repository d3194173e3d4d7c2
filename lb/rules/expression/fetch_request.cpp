// Fetches of the start lines: method, target, version, status.
#include <algorithm>
#include <cstring>

#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/field_walk.h"
#include "lb/rules/expression/hash.h"
#include "lb/rules/expression/parameters.h"

namespace reseal::rules::expression {
namespace {

bool fetch_method(const Call& call, Sample& out) {
  if (call.context.request == nullptr) return false;
  out = Sample::method(call.context.request->method_text);
  return true;
}

/// The target from its path on; nothing for "*".
bool target_of(const Call& call, std::string_view& target) {
  if (call.context.request == nullptr) return false;
  target = call.context.request->target;
  return target.starts_with('/');
}

bool fetch_path(const Call& call, Sample& out) {
  std::string_view target;
  if (!target_of(call, target)) return false;
  out = Sample::string(target.substr(0, target.find('?')));
  return true;
}
bool fetch_pathq(const Call& call, Sample& out) {
  std::string_view target;
  if (!target_of(call, target)) return false;
  out = Sample::string(target);
  return true;
}
bool fetch_query(const Call& call, Sample& out) {
  std::string_view target;
  if (!target_of(call, target)) return false;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return false;
  out = Sample::string(target.substr(mark + 1));
  return true;
}
bool fetch_url(const Call& call, Sample& out) {
  if (call.context.request == nullptr) return false;
  out = Sample::string(call.context.request->target);
  return true;
}

/// The Host field's value and what follows it, which is nothing where it is no path ("*").
bool host_and(const Call& call, std::string_view tail, Sample& out) {
  const std::string_view host = first_value(call.context.request, "host");
  if (!tail.starts_with('/')) tail = {};
  if (host.size() + tail.size() > Sample::kMostText) return false;
  char* text = call.arena.allocate(host.size() + tail.size());
  std::ranges::copy(host, text);
  std::ranges::copy(tail, text + host.size());
  out = Sample::string({text, host.size() + tail.size()});
  return !out.text.empty();
}

bool fetch_base(const Call& call, Sample& out) {
  return fetch_url(call, out) && host_and(call, out.text.substr(0, out.text.find('?')), out);
}
bool fetch_baseq(const Call& call, Sample& out) {
  return fetch_url(call, out) && host_and(call, out.text, out);
}
bool fetch_base32(const Call& call, Sample& out) {
  if (!fetch_base(call, out)) return false;
  out = Sample::number(avalanche(sdbm_hash(out.text)));
  return true;
}
bool fetch_url32(const Call& call, Sample& out) {
  if (!fetch_baseq(call, out)) return false;
  out = Sample::number(avalanche(sdbm_hash(out.text)));
  return true;
}

/// The hash and the client's address in a row, as keys of tables are made of both.
bool with_source(const Call& call, Sample& out) {
  const auto source = call.context.client == nullptr ? std::nullopt : Sample::address(*call.context.client);
  if (!source) return false;
  const std::string_view address = source->address_bytes();
  char* bytes = call.arena.allocate(4 + address.size());
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(out.integer >> (24 - 8 * i));
  std::ranges::copy(address, bytes + 4);
  out = Sample::binary({bytes, 4 + address.size()});
  return true;
}
bool fetch_base32_src(const Call& call, Sample& out) {
  return fetch_base32(call, out) && with_source(call, out);
}
bool fetch_url32_src(const Call& call, Sample& out) {
  return fetch_url32(call, out) && with_source(call, out);
}

bool version_of(const http::MessageHead* head, Sample& out) {
  if (head == nullptr) return false;
  constexpr std::string_view kVersions[] = {"1.0", "1.1", "2.0"};
  out = Sample::string(kVersions[static_cast<std::size_t>(head->version)]);
  return true;
}
bool fetch_request_version(const Call& call, Sample& out) {
  return version_of(call.context.request, out);
}
bool fetch_response_version(const Call& call, Sample& out) {
  return version_of(call.context.response, out);
}
bool fetch_is_http(const Call& call, Sample& out) {
  out = Sample::boolean(call.context.request != nullptr);
  return true;
}
bool fetch_status(const Call& call, Sample& out) {
  if (call.context.response == nullptr) return false;
  out = Sample::number(call.context.response->status);
  return true;
}

/// "HTTP/1.1", with HTTP/2 as 2.0.
bool captured_version(const http::MessageHead* head, Sample& out) {
  if (head == nullptr) return false;
  constexpr std::string_view kVersions[] = {"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"};
  out = Sample::string(kVersions[static_cast<std::size_t>(head->version)]);
  return true;
}
bool fetch_captured_request_version(const Call& call, Sample& out) {
  return captured_version(call.context.request, out);
}
bool fetch_captured_response_version(const Call& call, Sample& out) {
  return captured_version(call.context.response, out);
}
bool fetch_captured_method(const Call& call, Sample& out) {
  if (call.context.request == nullptr) return false;
  out = Sample::string(call.context.request->method_text);
  return true;
}
bool fetch_captured_uri(const Call& call, Sample& out) {
  out = Sample::string(call.context.received_target);
  return !out.text.empty();
}

bool fetch_parameter(const Call& call, Sample& out) {
  if (call.context.request == nullptr) return false;
  const char first = call.argument(1).text.empty() ? '?' : call.argument(1).text.front();
  const std::string_view target = call.context.request->target;
  const std::size_t begin = target.find(first);
  if (begin == std::string_view::npos) return false;
  const std::string_view text = target.substr(begin + 1);
  std::size_t at = call.cursor == nullptr ? 0 : call.cursor->offset;
  std::string_view value;
  if (!next_parameter(text, first, call.argument(0).text, at, value)) return false;
  out = Sample::string(value);
  if (call.cursor != nullptr) {
    call.cursor->offset = static_cast<std::uint32_t>(at);
    call.cursor->more = at < text.size();
  }
  return true;
}
bool fetch_parameter_value(const Call& call, Sample& out) {
  return fetch_parameter(call, out) && convert(out, Type::kInteger, call.arena);
}

constexpr FetchRow kRows[] = {
    {"base", "", Type::kString, kNeedsRequest, fetch_base},
    {"base32", "", Type::kInteger, kNeedsRequest, fetch_base32},
    {"base32+src", "", Type::kBinary, kNeedsRequest, fetch_base32_src},
    {"baseq", "", Type::kString, kNeedsRequest, fetch_baseq},
    {"capture.req.method", "", Type::kString, kNeedsRequest, fetch_captured_method},
    {"capture.req.uri", "", Type::kString, kNeedsRequest, fetch_captured_uri},
    {"capture.req.ver", "", Type::kString, kNeedsRequest, fetch_captured_request_version},
    {"capture.res.ver", "", Type::kString, kNeedsResponse, fetch_captured_response_version},
    {"method", "", Type::kMethod, kNeedsRequest, fetch_method},
    {"path", "", Type::kString, kNeedsRequest, fetch_path},
    {"pathq", "", Type::kString, kNeedsRequest, fetch_pathq},
    {"query", "", Type::kString, kNeedsRequest, fetch_query},
    {"req.proto_http", "", Type::kBool, kNeedsRequest, fetch_is_http},
    {"req.ver", "", Type::kString, kNeedsRequest, fetch_request_version},
    {"req_proto_http", "", Type::kBool, kNeedsRequest, fetch_is_http},
    {"req_ver", "", Type::kString, kNeedsRequest, fetch_request_version},
    {"res.ver", "", Type::kString, kNeedsResponse, fetch_response_version},
    {"resp_ver", "", Type::kString, kNeedsResponse, fetch_response_version},
    {"status", "", Type::kInteger, kNeedsResponse, fetch_status},
    {"url", "", Type::kString, kNeedsRequest, fetch_url},
    {"url32", "", Type::kInteger, kNeedsRequest, fetch_url32},
    {"url32+src", "", Type::kBinary, kNeedsRequest, fetch_url32_src},
    {"url_param", "?ss", Type::kString, kNeedsRequest, fetch_parameter},
    {"urlp", "?ss", Type::kString, kNeedsRequest, fetch_parameter},
    {"urlp_val", "?ss", Type::kInteger, kNeedsRequest, fetch_parameter_value},
};

}  // namespace

std::span<const FetchRow> request_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
