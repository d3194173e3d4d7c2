// Keeps servers where their names lead while reseal serves: asks the name servers, gives each server of a name its address,
// and has the health monitor and HAProxy's messages told. A change needs no new generation: backends/server_address.h.
// Owner: the process; control thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "health/monitor.h"
#include "lb/base/log.h"
#include "lb/runtime/generation.h"
#include "lb/runtime/haproxy_messages.h"
#include "lb/runtime/name_lookup.h"

namespace reseal::runtime {

class NameService final : public NameLookupEvents {
 public:
  /// All borrowed; they outlive it.
  NameService(net::Loop& loop, Log& log, health::Monitor& monitor, HaproxyMessages& messages)
      : loop_(loop), log_(log), monitor_(monitor), messages_(messages) {}

  /// From now on the names of that generation, which the monitor knows already. Servers stay where they are until they are
  /// told of anywhere else.
  void use(const Generation& generation);

 private:
  /// The name servers of one section, and the names that they are asked for.
  struct Asked {
    explicit Asked(config::Resolvers from) : settings(std::move(from)) {}
    const config::Resolvers settings;
    std::unique_ptr<net::DnsClient> client;
    std::vector<std::unique_ptr<NameLookup>> lookups;
  };
  using Group = std::vector<ResolvedServer>;  // of one backend, name and port: they divide the addresses

  /// What records have told of servers that do not go by them any more.
  void forget_weights(const Generation& next);
  void on_name_answered(const NameLookup& lookup) override;
  void assign(Group& group, const NameLookup& lookup);
  void move(const ResolvedServer& server, const KnownAddress& to, const std::string& by);
  void lose(const ResolvedServer& server, const std::string& why);

  net::Loop& loop_;
  Log& log_;
  health::Monitor& monitor_;
  HaproxyMessages& messages_;
  std::map<std::string, std::unique_ptr<Asked>> asked_;  // by the section's name
  std::map<const NameLookup*, std::vector<Group>> groups_;
};

}  // namespace reseal::runtime
