// What the name servers say of one name, asked again and again: the addresses that it has, and how long what was known last
// goes on to hold when they say nothing useful. Owner: the name service; control thread.
#pragma once

#include <string>
#include <vector>

#include "lb/config/resolvers.h"
#include "lb/net/dns_client.h"
#include "lb/net/loop.h"

namespace reseal::runtime {

/// One of the places where a name leads.
struct KnownAddress {
  net::Address address{};    ///< port 0 unless a record tells it
  std::uint16_t weight = 0;  ///< with a service: 0 to 65535
  std::string target{};      ///< with a service: the name it has there
  TimePoint seen{};
};

class NameLookup;
class NameLookupEvents {
 public:
  /// It was answered: known() may have changed.
  virtual void on_name_answered(const NameLookup& lookup) = 0;

 protected:
  ~NameLookupEvents() = default;
};

class NameLookup {
 public:
  /// All borrowed; `client` is destroyed before it, or with nothing asked.
  NameLookup(net::Loop& loop, net::DnsClient& client, const config::Resolvers& settings, std::string name,
             bool is_service, bool asks_v6_first, NameLookupEvents& events);

  void start() { ask(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_service() const { return is_service_; }
  [[nodiscard]] const std::vector<KnownAddress>& known() const { return known_; }
  /// Nothing has been known for longer than it may hold; why() says it in HAProxy's words.
  [[nodiscard]] bool is_lost() const { return lost_; }
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  void ask();
  void on_services(net::DnsAnswer answer);
  void ask_address(net::DnsRecord of, bool v6, bool is_last);
  void on_address(const net::DnsRecord& of, bool v6, bool is_last, const net::DnsAnswer& answer);
  void finish(net::DnsStatus status);
  [[nodiscard]] Duration hold_of(net::DnsStatus status) const;

  net::Loop& loop_;
  net::DnsClient& client_;
  const config::Resolvers& settings_;
  const std::string name_;
  const bool is_service_;
  const bool asks_v6_first_;
  NameLookupEvents& events_;
  net::Timer timer_;
  std::vector<KnownAddress> known_;
  std::vector<KnownAddress> found_;  // by the questions under way
  std::size_t waiting_ = 0;          // answers that are still to come
  net::DnsStatus failure_ = net::DnsStatus::kOther;
  TimePoint valid_at_;
  std::string why_;
  bool lost_ = false;
};

}  // namespace reseal::runtime
