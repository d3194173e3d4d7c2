#include "lb/rules/host_index.h"

#include <algorithm>

#include "lb/base/text.h"

namespace reseal::rules {
namespace {

bool asks_for_whole_names(const Rule& rule) {
  const std::vector<std::string>& hosts = rule.when.all.hosts;
  return !hosts.empty() && std::ranges::none_of(hosts, takes_subdomains);
}

}  // namespace

HostIndex::HostIndex(std::span<Rule> rules) {
  for (std::uint32_t position = 0; position < rules.size(); ++position) {
    if (!asks_for_whole_names(rules[position])) continue;
    for (const std::string& host : rules[position].when.all.hosts) {
      Positions& positions = named_[host];
      // A host may be written twice in one rule, which is obeyed once.
      if (positions.empty() || positions.back() != position) positions.push_back(position);
    }
  }
  if (named_.size() < kFewestHosts) {
    named_.clear();
    return;
  }
  for (std::uint32_t position = 0; position < rules.size(); ++position) {
    if (asks_for_whole_names(rules[position])) {
      rules[position].when.all.hosts = {};
    } else {
      others_.push_back(position);
    }
  }
  others_.push_back(kEnd);
  for (auto& [host, positions] : named_) positions.push_back(kEnd);
}

HostIndex::Walk HostIndex::walk(std::string_view host) const {
  const auto found = named_.find(host);
  return {found == named_.end() ? &kEnd : found->second.data(), others_.data()};
}

/// FNV-1a of the lower case. Its keys come from the configuration, so no client can make them collide.
std::size_t HostIndex::Hash::operator()(std::string_view host) const {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : host) hash = (hash ^ static_cast<unsigned char>(ascii_lower(c))) * 1099511628211U;
  return hash;
}

bool HostIndex::Equal::operator()(std::string_view a, std::string_view b) const {
  return equals_ignoring_case(a, b);
}

}  // namespace reseal::rules
