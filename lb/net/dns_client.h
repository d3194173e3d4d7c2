// Asks name servers for the addresses of a name, or for the servers of a service (SRV). c-ares does: this is the only file
// that knows it. Owner: the control thread; what is asked is answered from its loop, or at once where nothing can be asked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lb/base/clock.h"
#include "lb/net/address.h"
#include "lb/net/loop.h"

namespace reseal::net {

enum class DnsKind : std::uint8_t { kA, kAaaa, kSrv };
/// kNoName: there is no such name (NXDOMAIN). kOther: nothing of what was asked for, or what is no answer at all.
enum class DnsStatus : std::uint8_t { kValid, kNoName, kTimeout, kRefused, kOther };

struct DnsRecord {
  Address address{};     ///< with A and AAAA; port 0
  std::string target{};  ///< with SRV, and the rest
  std::uint16_t port = 0;
  std::uint16_t weight = 0;
};

struct DnsAnswer {
  DnsStatus status = DnsStatus::kOther;
  std::vector<DnsRecord> records;  ///< at least one with kValid; kMostDnsRecords at most
};

constexpr std::size_t kMostDnsRecords = 256;

/// What a server has sent, of which nothing is believed. Pure.
DnsAnswer parse_dns_answer(DnsKind kind, std::span<const unsigned char> message);

struct DnsSettings {
  std::vector<Address> servers;  ///< asked in turn; empty: the machine's own
  Duration timeout{1000};        ///< for the first try; longer for each round over all servers
  int tries = 3;
  int payload = 512;
};

class DnsClient {
 public:
  using Done = std::function<void(DnsAnswer)>;

  DnsClient(Loop& loop, const DnsSettings& settings);
  /// Nobody is told of what is still asked.
  ~DnsClient();
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;

  /// `done` is called once, unless this is destroyed before; it does not destroy it.
  void ask(const std::string& name, DnsKind kind, Done done);

 private:
  struct Channel;
  std::unique_ptr<Channel> channel_;
};

}  // namespace reseal::net
