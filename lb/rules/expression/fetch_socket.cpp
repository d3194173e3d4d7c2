// Fetches of the client's connection as the kernel has it: its ends, and what it knows of the way there (TCP_INFO).
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "lb/base/did_you_mean.h"
#include "lb/net/local_addresses.h"
#include "lb/rules/expression/fetch.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;
using End = const net::Address* SocketFacts::*;

template <End kEnd>
const net::Address* end_of(const Call& call) {
  const SocketFacts* socket = call.context.socket;
  return socket == nullptr ? nullptr : socket->*kEnd;
}
template <End kEnd>
bool fetch_address(const Call& call, Sample& out) {
  const net::Address* address = end_of<kEnd>(call);
  const auto sample = address == nullptr ? std::nullopt : Sample::address(*address);
  if (sample) out = *sample;
  return sample.has_value();
}
template <End kEnd>
bool fetch_port(const Call& call, Sample& out) {
  const net::Address* address = end_of<kEnd>(call);
  if (address == nullptr || address->host_bytes().empty()) return false;
  out = Sample::number(address->port());
  return true;
}

bool is_local(const net::Address* address, Sample& out) {
  if (address == nullptr || address->host_bytes().empty()) return false;
  out = Sample::boolean(net::is_of_this_machine(*address));
  return true;
}
template <End kEnd>
bool fetch_end_is_local(const Call& call, Sample& out) {
  return is_local(end_of<kEnd>(call), out);
}
bool fetch_src_is_local(const Call& call, Sample& out) {
  return is_local(call.context.client, out);
}
bool fetch_dst_is_local(const Call& call, Sample& out) {
  return is_local(call.context.local, out);
}

bool fetch_rcvd_proxy(const Call& call, Sample& out) {
  if (call.context.socket == nullptr) return false;
  out = Sample::boolean(call.context.socket->had_proxy_header);
  return true;
}
/// A connection that rules are asked about has not failed.
bool fetch_error(const Call& call, Sample& out) {
  out = Sample::number(0);
  return call.context.socket != nullptr;
}
bool fetch_error_text(const Call& call, Sample& out) {
  out = Sample::string("Success");
  return call.context.socket != nullptr;
}

/// Times are in microseconds; the argument's integer is 1000 where milliseconds are wanted, as nothing says otherwise.
Prepared prepare_unit(std::vector<Argument>& arguments, const Environment&) {
  const std::string& unit = arguments[0].text;
  arguments[0].integer = unit == "us" ? 1 : 1000;
  if (unit.empty() || unit == "us" || unit == "ms") return {};
  return std::unexpected("'" + shortened(unit) + "' is not a unit of time (accepted: ms or us)");
}

template <auto kMember, bool kIsTime>
bool fetch_tcp_info(const Call& call, Sample& out) {
  const SocketFacts* socket = call.context.socket;
  if (socket == nullptr || socket->descriptor < 0) return false;
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(socket->descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  out = Sample::number(info.*kMember);
  if constexpr (kIsTime) out.integer /= call.argument(0).integer;
  return true;
}

template <auto kMember>
constexpr FetchRow tcp_time(std::string_view name) {
  return {name, "?s", Type::kInteger, kNeedsConnection, fetch_tcp_info<kMember, true>, prepare_unit};
}
template <auto kMember>
constexpr FetchRow tcp_count(std::string_view name) {
  return {name, "?s", Type::kInteger, kNeedsConnection, fetch_tcp_info<kMember, false>};
}

constexpr FetchRow kRows[] = {
    {"dst_is_local", "", Type::kBool, kNeedsConnection, fetch_dst_is_local},
    {"fc_dst", "", Type::kAddress, kNeedsConnection, fetch_address<&SocketFacts::local>},
    {"fc_dst_is_local", "", Type::kBool, kNeedsConnection, fetch_end_is_local<&SocketFacts::local>},
    {"fc_dst_port", "", Type::kInteger, kNeedsConnection, fetch_port<&SocketFacts::local>},
    {"fc_err", "", Type::kInteger, kNeedsConnection, fetch_error},
    {"fc_err_str", "", Type::kString, kNeedsConnection, fetch_error_text},
    tcp_count<&tcp_info::tcpi_fackets>("fc_fackets"),
    tcp_count<&tcp_info::tcpi_lost>("fc_lost"),
    {"fc_rcvd_proxy", "", Type::kBool, kNeedsConnection, fetch_rcvd_proxy},
    tcp_count<&tcp_info::tcpi_reordering>("fc_reordering"),
    tcp_count<&tcp_info::tcpi_retrans>("fc_retrans"),
    tcp_time<&tcp_info::tcpi_rtt>("fc_rtt"),
    tcp_time<&tcp_info::tcpi_rttvar>("fc_rttvar"),
    tcp_count<&tcp_info::tcpi_sacked>("fc_sacked"),
    {"fc_src", "", Type::kAddress, kNeedsConnection, fetch_address<&SocketFacts::peer>},
    {"fc_src_is_local", "", Type::kBool, kNeedsConnection, fetch_end_is_local<&SocketFacts::peer>},
    {"fc_src_port", "", Type::kInteger, kNeedsConnection, fetch_port<&SocketFacts::peer>},
    tcp_count<&tcp_info::tcpi_unacked>("fc_unacked"),
    {"src_is_local", "", Type::kBool, kNeedsConnection, fetch_src_is_local},
};

}  // namespace

std::span<const FetchRow> socket_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
