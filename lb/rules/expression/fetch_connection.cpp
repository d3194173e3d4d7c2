// Fetches of the connection and of what serves it: addresses and names.
#include "lb/rules/expression/fetch.h"

namespace reseal::rules::expression {
namespace {

bool address_of(const net::Address* address, Sample& out) {
  if (address == nullptr) return false;
  const auto sample = Sample::address(*address);
  if (sample) out = *sample;
  return sample.has_value();
}
bool port_of(const net::Address* address, Sample& out) {
  if (address == nullptr || address->size() == 0) return false;
  out = Sample::number(address->port());
  return true;
}
bool name_of(std::string_view name, Sample& out) {
  out = Sample::string(name);
  return !name.empty();
}

bool fetch_src(const Call& call, Sample& out) {
  return address_of(call.context.client, out);
}
bool fetch_src_port(const Call& call, Sample& out) {
  return port_of(call.context.client, out);
}
bool fetch_dst(const Call& call, Sample& out) {
  return address_of(call.context.local, out);
}
bool fetch_dst_port(const Call& call, Sample& out) {
  return port_of(call.context.local, out);
}
bool fetch_fe_name(const Call& call, Sample& out) {
  return name_of(call.context.frontend, out);
}
bool fetch_be_name(const Call& call, Sample& out) {
  // Before one is chosen it is the frontend itself, as HAProxy has it.
  return name_of(call.context.backend.empty() ? call.context.frontend : call.context.backend, out);
}
bool fetch_srv_name(const Call& call, Sample& out) {
  return name_of(call.context.server, out);
}
bool fetch_unique_id(const Call& call, Sample& out) {
  return name_of(call.context.unique_id, out);
}
bool fetch_http_major(const Call& call, Sample& out) {
  if (call.context.request == nullptr) return false;
  out = Sample::number(call.context.request->version == http::Version::kHttp2 ? 2 : 1);
  return true;
}

constexpr FetchRow kRows[] = {
    {"be_name", "", Type::kString, kNeedsBackend, fetch_be_name},
    {"dst", "", Type::kAddress, kNeedsConnection, fetch_dst},
    {"dst_port", "", Type::kInteger, kNeedsConnection, fetch_dst_port},
    {"fc_http_major", "", Type::kInteger, kNeedsRequest, fetch_http_major},
    {"fe_name", "", Type::kString, kNeedsConnection, fetch_fe_name},
    {"src", "", Type::kAddress, kNeedsConnection, fetch_src},
    {"src_port", "", Type::kInteger, kNeedsConnection, fetch_src_port},
    {"srv_name", "", Type::kString, kNeedsServer, fetch_srv_name},
    {"unique-id", "", Type::kString, kNeedsConnection, fetch_unique_id},
};

}  // namespace

std::span<const FetchRow> connection_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
