#include <ares.h>
#include <arpa/nameser.h>

#include <array>
#include <cstring>

#include "lb/net/dns_client.h"

namespace reseal::net {
namespace {

DnsStatus status_of(int status, std::span<const unsigned char> message) {
  constexpr std::size_t kHeader = 12;
  constexpr unsigned kRefusedCode = 5;
  constexpr unsigned kNoNameCode = 3;
  const unsigned code = message.size() >= kHeader ? message[3] & 0x0fU : 0;
  if (code == kNoNameCode) return DnsStatus::kNoName;
  if (code == kRefusedCode) return DnsStatus::kRefused;
  return status == ARES_SUCCESS ? DnsStatus::kValid : DnsStatus::kOther;
}

Address address_of(const in_addr& ip) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr = ip;
  return Address::from(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4));
}
Address address_of(const ares_in6_addr& ip) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  static_assert(sizeof(v6.sin6_addr) == sizeof(ip));
  std::memcpy(&v6.sin6_addr, &ip, sizeof(ip));
  return Address::from(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6));
}

template <class Record, class Parse>
int parse_addresses(Parse parse, std::span<const unsigned char> message, std::vector<DnsRecord>& records) {
  std::array<Record, kMostDnsRecords> found;
  int count = static_cast<int>(found.size());
  const int status = parse(message.data(), static_cast<int>(message.size()), nullptr, found.data(), &count);
  if (status != ARES_SUCCESS) return status;
  for (int i = 0; i < count; ++i) {
    if constexpr (std::is_same_v<Record, ares_addrttl>) {
      records.push_back({address_of(found[static_cast<std::size_t>(i)].ipaddr)});
    } else {
      records.push_back({address_of(found[static_cast<std::size_t>(i)].ip6addr)});
    }
  }
  return status;
}

int parse_services(std::span<const unsigned char> message, std::vector<DnsRecord>& records) {
  ares_srv_reply* list = nullptr;
  const int status = ares_parse_srv_reply(message.data(), static_cast<int>(message.size()), &list);
  if (status != ARES_SUCCESS) return status;
  for (const ares_srv_reply* each = list; each != nullptr && records.size() < kMostDnsRecords;
       each = each->next) {
    records.push_back({{}, each->host, each->port, each->weight});
  }
  ares_free_data(list);
  return status;
}

}  // namespace

DnsAnswer parse_dns_answer(DnsKind kind, std::span<const unsigned char> message) {
  DnsAnswer answer;
  int status = ARES_EBADRESP;
  if (kind == DnsKind::kA) {
    status = parse_addresses<ares_addrttl>(ares_parse_a_reply, message, answer.records);
  } else if (kind == DnsKind::kAaaa) {
    status = parse_addresses<ares_addr6ttl>(ares_parse_aaaa_reply, message, answer.records);
  } else {
    status = parse_services(message, answer.records);
  }
  answer.status = status_of(status, message);
  if (answer.status == DnsStatus::kValid && answer.records.empty()) answer.status = DnsStatus::kOther;
  if (answer.status != DnsStatus::kValid) answer.records.clear();
  return answer;
}

}  // namespace reseal::net
