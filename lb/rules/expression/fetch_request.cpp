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

/// Where a target that names its host goes ("http://192.0.2.1:8080/"). Names are not resolved: that would take its time.
std::optional<std::string_view> authority_of(const Call& call) {
  std::string_view target = call.context.received_target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos || target.starts_with('/')) return std::nullopt;
  target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?"));
}
bool fetch_url_ip(const Call& call, Sample& out) {
  const auto authority = authority_of(call);
  const auto address = authority ? parse_address(authority->substr(0, authority->find(':'))) : std::nullopt;
  if (!address || address->type != Type::kIpv4) return false;
  out = *address;
  return true;
}
bool fetch_url_port(const Call& call, Sample& out) {
  constexpr std::int64_t kOfHttp = 80;
  if (!fetch_url_ip(call, out)) return false;
  std::string_view port = *authority_of(call);
  port.remove_prefix(std::min(port.find(':'), port.size()));
  if (port.starts_with(':')) port.remove_prefix(1);
  const std::int64_t number = take_integer(port);
  out = Sample::number(number == 0 ? kOfHttp : number);
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
    {"base", "", Type::kString, kNeedsRequestHead, fetch_base},
    {"base32", "", Type::kInteger, kNeedsRequestHead, fetch_base32},
    {"base32+src", "", Type::kBinary, kNeedsRequestHead, fetch_base32_src},
    {"baseq", "", Type::kString, kNeedsRequestHead, fetch_baseq},
    {"capture.req.method", "", Type::kString, kNeedsRequest, fetch_captured_method},
    {"capture.req.uri", "", Type::kString, kNeedsRequest, fetch_captured_uri},
    {"capture.req.ver", "", Type::kString, kNeedsRequest, fetch_captured_request_version},
    {"capture.res.ver", "", Type::kString, kNeedsResponse, fetch_captured_response_version},
    {"method", "", Type::kMethod, kNeedsRequest, fetch_method},
    {"path", "", Type::kString, kNeedsRequestHead, fetch_path},
    {"pathq", "", Type::kString, kNeedsRequestHead, fetch_pathq},
    {"query", "", Type::kString, kNeedsRequestHead, fetch_query},
    {"req.ver", "", Type::kString, kNeedsRequestHead, fetch_request_version},
    {"req_ver", "", Type::kString, kNeedsRequestHead, fetch_request_version},
    {"res.ver", "", Type::kString, kNeedsResponse, fetch_response_version},
    {"resp_ver", "", Type::kString, kNeedsResponse, fetch_response_version},
    {"status", "", Type::kInteger, kNeedsResponse, fetch_status},
    {"url", "", Type::kString, kNeedsRequestHead, fetch_url},
    {"url32", "", Type::kInteger, kNeedsRequestHead, fetch_url32},
    {"url32+src", "", Type::kBinary, kNeedsRequestHead, fetch_url32_src},
    {"url_ip", "", Type::kIpv4, kNeedsRequestHead, fetch_url_ip},
    {"url_param", "?ss", Type::kString, kNeedsRequestHead, fetch_parameter},
    {"url_port", "", Type::kInteger, kNeedsRequestHead, fetch_url_port},
    {"urlp", "?ss", Type::kString, kNeedsRequestHead, fetch_parameter},
    {"urlp_val", "?ss", Type::kInteger, kNeedsRequestHead, fetch_parameter_value},
};

}  // namespace

std::span<const FetchRow> request_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
