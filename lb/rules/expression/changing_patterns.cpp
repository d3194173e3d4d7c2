#include "lb/rules/expression/changing_patterns.h"

#include <algorithm>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/hex.h"
#include "lb/rules/expression/network_index.h"

namespace reseal::rules::expression {
namespace {

/// Blocks of IPv4 stand in buckets of their own.
constexpr std::size_t kIpv4Bucket = 256;

std::string_view bytes_of(const std::array<std::uint8_t, 16>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

bool ChangingPatterns::is_in_order(Match match) {
  switch (match) {
    case Match::kString:
    case Match::kBinary:
    case Match::kBegins:
    case Match::kEnds:
    case Match::kAddress:
    case Match::kFound:
    case Match::kBool:
      return false;
    default:
      return true;
  }
}

std::expected<ChangingPatterns::Ready, std::string> ChangingPatterns::prepare(Match match, bool ignore_case,
                                                                              std::string_view pattern) {
  if (is_in_order(match)) {
    auto index = matcher_row(match).make();
    if (auto added = index->add(pattern, ignore_case, 0); !added) return std::unexpected(added.error());
    index->seal();
    return Ready{0, {}, std::move(index)};
  }
  if (match == Match::kAddress) {
    const auto network = parse_network(pattern);
    if (!network) return std::unexpected(network.error());
    return Ready{(network->is_ipv4 ? kIpv4Bucket : 0) + network->bits, std::string(bytes_of(network->bytes)),
                 nullptr};
  }
  if (match == Match::kBinary) {
    auto bytes = bytes_of_hex(pattern);
    if (!bytes)
      return std::unexpected("'" + shortened(pattern) + "' is not an even number of hexadecimal digits");
    return Ready{bytes->size(), std::move(*bytes), nullptr};
  }
  return Ready{pattern.size(), ignore_case ? lowered(pattern) : std::string(pattern), nullptr};
}

void ChangingPatterns::add(Ready pattern, std::uint64_t number) {
  if (matcher_row(match_).make == nullptr) return;
  if (pattern.index != nullptr) {
    one_by_one_.emplace(number, std::move(pattern.index));
  } else {
    buckets_[pattern.bucket][std::move(pattern.text)].push_back(number);
  }
}

bool ChangingPatterns::has_room_for(const Ready& pattern) const {
  const bool is_by_length = match_ == Match::kBegins || match_ == Match::kEnds;
  return !is_by_length || buckets_.size() < read_buckets_ + kMostAddedLengths ||
         buckets_.contains(pattern.bucket);
}

void ChangingPatterns::remove(std::string_view pattern, std::uint64_t number) {
  if (one_by_one_.erase(number) != 0) return;
  const auto key = prepare(match_, ignore_case_, pattern);
  if (!key) return;
  const auto bucket = buckets_.find(key->bucket);
  if (bucket == buckets_.end()) return;
  const auto numbers = bucket->second.find(key->text);
  if (numbers == bucket->second.end()) return;
  std::erase(numbers->second, number);
  if (numbers->second.empty()) bucket->second.erase(numbers);
  if (bucket->second.empty()) buckets_.erase(bucket);
}

std::optional<std::uint64_t> ChangingPatterns::first_in(const Bucket& bucket, std::string_view text) const {
  const auto found = bucket.find(text);
  if (found == bucket.end()) return std::nullopt;
  return found->second.front();
}

std::optional<std::uint64_t> ChangingPatterns::find_text(std::string_view text) const {
  std::string lower;
  if (ignore_case_) text = lower = lowered(text);
  if (match_ == Match::kString || match_ == Match::kBinary) {
    const auto bucket = buckets_.find(text.size());
    return bucket == buckets_.end() ? std::nullopt : first_in(bucket->second, text);
  }
  std::optional<std::uint64_t> best;
  for (auto bucket = buckets_.lower_bound(text.size()); bucket != buckets_.end(); ++bucket) {
    const std::size_t length = bucket->first;
    const auto found = first_in(bucket->second, match_ == Match::kBegins ? text.substr(0, length)
                                                                         : text.substr(text.size() - length));
    if (!found) continue;
    // As in PatternSet: the longest beginning, otherwise the first.
    if (match_ == Match::kBegins && !ignore_case_) return found;
    best = std::min(best.value_or(*found), *found);
  }
  return best;
}

std::optional<std::uint64_t> ChangingPatterns::find_address(const Sample& address) const {
  const auto find_in = [&](bool is_ipv4, std::array<std::uint8_t, 16> bytes) -> std::optional<std::uint64_t> {
    // From the longest prefix on, each time with one bit fewer.
    const std::size_t most = is_ipv4 ? kIpv4Bucket + 32 : 128;
    const std::size_t least = is_ipv4 ? kIpv4Bucket : 0;
    for (auto bucket = buckets_.lower_bound(most); bucket != buckets_.end() && bucket->first >= least;
         ++bucket) {
      keep_bits(bytes, bucket->first - least);
      if (const auto found = first_in(bucket->second, bytes_of(bytes))) return found;
    }
    return std::nullopt;
  };
  return find_in_families<std::uint64_t>(address, find_in);
}

std::optional<std::uint64_t> ChangingPatterns::find(const Sample& sample) const {
  if (match_ == Match::kFound) return 0;
  if (match_ == Match::kBool) return sample.integer != 0 ? std::optional<std::uint64_t>(0) : std::nullopt;
  if (match_ == Match::kAddress) return find_address(sample);
  if (!is_in_order()) return find_text(sample.text);
  for (const auto& [number, index] : one_by_one_) {
    if (index->find(sample)) return number;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ChangingPatterns::find_groups(std::string_view text,
                                                           std::span<std::string_view> groups) const {
  for (const auto& [number, index] : one_by_one_) {
    if (index->find_groups(text, groups)) return number;
  }
  return std::nullopt;
}

}  // namespace reseal::rules::expression
