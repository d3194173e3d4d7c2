#include "lb/haproxy/resolvers_section.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "lb/haproxy/keywords.h"
#include "lb/net/address.h"

namespace reseal::haproxy {
namespace {

constexpr std::uint16_t kDnsPort = 53;

struct ResolversReader {
  Translator& translator;
  const Line& line;
  config::Resolvers& resolvers;
};

void add_server(ResolversReader& r, const std::string& name, const std::string& host, std::uint16_t port) {
  const auto address = net::Address::parse(host, port);
  if (!address) {
    r.translator.error(r.line, 2, "'" + host + "' is no numeric address of a name server");
    return;
  }
  r.resolvers.servers.push_back({name, address->text()});
}

void read_name_server(ResolversReader& r) {
  const std::string name = r.translator.argument(r.line, 1, "a name");
  std::string text = name.empty() ? "" : r.translator.argument(r.line, 2, "an address such as 10.0.0.2:53");
  if (text.empty()) return;
  if (std::ranges::find(r.resolvers.servers, name, &config::NameServer::name) != r.resolvers.servers.end()) {
    r.translator.error(r.line, 1, "there is a name server '" + name + "' in this section already");
    return;
  }
  if (text.starts_with("tcp")) {
    r.translator.notice_once(
        r.line, "name servers are asked over UDP, and over TCP only for what does not fit there");
  }
  for (const std::string_view kind : {"udp@", "tcp@"}) {
    if (text.starts_with(kind)) text.erase(0, kind.size());
  }
  const auto where = r.translator.value_or(parse_server_address(text), r.line, 2, ServerAddress{});
  if (!where.host.empty()) add_server(r, name, where.host, where.port != 0 ? where.port : kDnsPort);
}

void read_resolv_conf(ResolversReader& r) {
  std::ifstream file("/etc/resolv.conf");
  if (!file) {
    r.translator.error(r.line, 0, "/etc/resolv.conf cannot be read");
    return;
  }
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    std::string keyword;
    std::string host;
    if (words >> keyword >> host && keyword == "nameserver" && net::Address::parse(host, kDnsPort))
      add_server(r, host, host, kDnsPort);
  }
}

Duration time_at(ResolversReader& r, std::size_t word, Duration otherwise) {
  const std::string text = r.translator.argument(r.line, word, "a time");
  if (text.empty()) return otherwise;
  return r.translator.value_or(parse_time(text), r.line, word, otherwise);
}

void read_hold(ResolversReader& r) {
  struct Hold {
    std::string_view name;
    Duration config::ResolverHold::* time;
  };
  static constexpr std::array kHolds = {
      Hold{"nx", &config::ResolverHold::no_name}, Hold{"timeout", &config::ResolverHold::timeout},
      Hold{"refused", &config::ResolverHold::refused}, Hold{"other", &config::ResolverHold::other},
      Hold{"obsolete", &config::ResolverHold::obsolete}};
  const std::string what = r.translator.argument(r.line, 1, "valid, nx, timeout, refused, other or obsolete");
  if (what.empty()) return;
  const auto hold = std::ranges::find(kHolds, what, &Hold::name);
  if (hold != kHolds.end()) {
    Duration& time = r.resolvers.hold.*(hold->time);
    time = time_at(r, 2, time);
  } else if (what == "valid") {
    (void)time_at(r, 2, Duration(0));  // names are asked for at every 'timeout resolve' in any case
  } else {
    r.translator.error(r.line, 1,
                       "hold '" + what + "': valid, nx, timeout, refused, other or obsolete is expected");
  }
}

void read_timeout(ResolversReader& r) {
  const std::string what = r.translator.argument(r.line, 1, "resolve or retry");
  if (what.empty()) return;
  if (what != "resolve" && what != "retry") {
    r.translator.error(r.line, 1, "timeout '" + what + "': resolve or retry is expected");
    return;
  }
  Duration& time = what == "resolve" ? r.resolvers.interval : r.resolvers.timeout;
  time = std::max(Duration(1), time_at(r, 2, time));
}

int number_at(ResolversReader& r, int least, int most, int otherwise) {
  const std::string text = r.translator.argument(r.line, 1, "a number");
  return text.empty() ? otherwise
                      : r.translator.value_or(parse_number(text, least, most), r.line, 1, otherwise);
}

constexpr int kLeastPayload = 512;
constexpr int kMostPayload = 65535;
constexpr int kMostTries = 1000;

void read_line_of(ResolversReader& r) {
  const std::string& keyword = r.line.words.front().text;
  if (keyword == "nameserver") {
    read_name_server(r);
  } else if (keyword == "parse-resolv-conf") {
    read_resolv_conf(r);
  } else if (keyword == "hold") {
    read_hold(r);
  } else if (keyword == "timeout") {
    read_timeout(r);
  } else if (keyword == "resolve_retries") {
    r.resolvers.tries = number_at(r, 1, kMostTries, r.resolvers.tries);
  } else if (keyword == "accepted_payload_size") {
    r.resolvers.payload = number_at(r, kLeastPayload, kMostPayload, r.resolvers.payload);
  }
}

}  // namespace

config::Resolvers read_resolvers(Translator& translator, const Section& section) {
  config::Resolvers resolvers;
  resolvers.name = section.name;
  resolvers.place = translator.place_of(section.head, 1);
  for (const Line& line : section.lines) {
    if (const auto problem = check_keyword(section, line)) {
      translator.report(line, problem->word, problem->severity, problem->message);
      continue;
    }
    ResolversReader reader{translator, line, resolvers};
    read_line_of(reader);
  }
  return resolvers;
}

}  // namespace reseal::haproxy
