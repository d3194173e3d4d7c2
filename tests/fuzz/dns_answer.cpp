// What a name server answers. The first byte chooses what was asked for. However many records there are, no more than
// kMostDnsRecords come of them, and a valid answer has at least one.
#include <cstdint>

#include "lb/net/dns_client.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::net;
  if (size == 0) return 0;
  const auto kind = static_cast<DnsKind>(data[0] % 3);
  const DnsAnswer answer = parse_dns_answer(kind, {data + 1, size - 1});
  FUZZ_CHECK(answer.records.size() <= kMostDnsRecords);
  FUZZ_CHECK((answer.status == DnsStatus::kValid) == !answer.records.empty());
  for (const DnsRecord& record : answer.records) {
    if (kind != DnsKind::kSrv) FUZZ_CHECK(record.address.family() != 0);
  }
  return 0;
}
