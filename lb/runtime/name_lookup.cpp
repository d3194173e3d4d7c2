#include "lb/runtime/name_lookup.h"

#include <algorithm>
#include <utility>

namespace reseal::runtime {
namespace {

using net::DnsStatus;

/// More servers of one service are not asked for.
constexpr std::size_t kMostTargets = 64;
constexpr std::size_t kMostKnown = 256;

const char* words_of(DnsStatus status, bool is_service) {
  switch (status) {
    case DnsStatus::kNoName:
      return is_service ? "entry removed from SRV record" : "DNS NX status";
    case DnsStatus::kTimeout:
      return "DNS timeout status";
    case DnsStatus::kRefused:
      return "DNS refused status";
    case DnsStatus::kValid:
    case DnsStatus::kOther:
      break;
  }
  return "unspecified DNS error";
}

}  // namespace

NameLookup::NameLookup(net::Loop& loop, net::DnsClient& client, const config::Resolvers& settings,
                       std::string name, bool is_service, bool asks_v6_first, NameLookupEvents& events)
    : loop_(loop),
      client_(client),
      settings_(settings),
      name_(std::move(name)),
      is_service_(is_service),
      asks_v6_first_(asks_v6_first),
      events_(events),
      timer_(net::Timer::bind<&NameLookup::ask>(this)),
      valid_at_(loop.now()) {}

void NameLookup::ask() {
  found_.clear();
  failure_ = DnsStatus::kOther;
  waiting_ = 1;
  if (is_service_) {
    client_.ask(name_, net::DnsKind::kSrv, [this](net::DnsAnswer answer) { on_services(std::move(answer)); });
  } else {
    ask_address({{}, name_, 0, 0}, asks_v6_first_, false);
  }
}

void NameLookup::on_services(net::DnsAnswer answer) {
  if (answer.status != DnsStatus::kValid) {
    finish(answer.status);
    return;
  }
  answer.records.resize(std::min(answer.records.size(), kMostTargets));
  waiting_ = answer.records.size();
  for (net::DnsRecord& record : answer.records) ask_address(std::move(record), asks_v6_first_, false);
}

void NameLookup::ask_address(net::DnsRecord of, bool v6, bool is_last) {
  const std::string name = of.target;
  client_.ask(name, v6 ? net::DnsKind::kAaaa : net::DnsKind::kA,
              [this, of = std::move(of), v6, is_last](const net::DnsAnswer& answer) {
                on_address(of, v6, is_last, answer);
              });
}

void NameLookup::on_address(const net::DnsRecord& of, bool v6, bool is_last, const net::DnsAnswer& answer) {
  if (answer.status != DnsStatus::kValid && !is_last) {
    ask_address(of, !v6, true);
    return;
  }
  if (answer.status != DnsStatus::kValid) failure_ = answer.status;
  for (const net::DnsRecord& record : answer.records) {
    if (found_.size() >= kMostKnown) break;
    found_.push_back({record.address.with_port(of.port), of.weight, of.target, loop_.now()});
  }
  // A server of the service whose own name gets no answer for once is where it was.
  const bool is_unsaid = answer.status != DnsStatus::kValid && answer.status != DnsStatus::kNoName;
  for (const KnownAddress& known : known_) {
    const bool same = known.target == of.target && known.address.port() == of.port;
    if (is_service_ && is_unsaid && same && found_.size() < kMostKnown) found_.push_back(known);
  }
  if (--waiting_ == 0) finish(found_.empty() ? failure_ : DnsStatus::kValid);
}

Duration NameLookup::hold_of(DnsStatus status) const {
  const config::ResolverHold& hold = settings_.hold;
  switch (status) {
    case DnsStatus::kNoName:
      return hold.no_name;
    case DnsStatus::kTimeout:
      return hold.timeout;
    case DnsStatus::kRefused:
      return hold.refused;
    case DnsStatus::kValid:
    case DnsStatus::kOther:
      break;
  }
  return hold.other;
}

void NameLookup::finish(DnsStatus status) {
  const TimePoint now = loop_.now();
  if (status == DnsStatus::kValid) {
    // What an answer does not name any more may hold for a while.
    for (const KnownAddress& known : known_) {
      const bool is_named = std::ranges::any_of(
          found_, [&](const KnownAddress& found) { return found.address == known.address; });
      if (!is_named && now - known.seen < settings_.hold.obsolete && found_.size() < kMostKnown)
        found_.push_back(known);
    }
    known_ = std::move(found_);
    valid_at_ = now;
    lost_ = false;
  } else if (now - valid_at_ >= hold_of(status)) {
    known_.clear();
    lost_ = true;
    why_ = words_of(status, is_service_);
  }
  loop_.start_irregular_timer(timer_, settings_.interval);
  events_.on_name_answered(*this);
}

}  // namespace reseal::runtime
