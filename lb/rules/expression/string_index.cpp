#include "lb/rules/expression/string_index.h"

#include <algorithm>

#include "lb/base/text.h"

namespace reseal::rules::expression {

std::size_t TextTable::LowerHash::operator()(std::string_view text) const {
  std::size_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(ascii_lower(c))) * 0x100000001b3;
  return hash;
}
bool TextTable::LowerEqual::operator()(std::string_view a, std::string_view b) const {
  return equals_ignoring_case(a, b);
}

void TextTable::add(std::string_view text, bool ignore_case, std::uint32_t number) {
  lengths_ |= length_bit(text);
  if (ignore_case) {
    lower_.emplace(text, number);
  } else {
    exact_.emplace(text, number);
  }
}

std::optional<std::uint32_t> TextTable::find(std::string_view text) const {
  if ((lengths_ & length_bit(text)) == 0) return std::nullopt;
  if (const auto found = exact_.find(text); found != exact_.end()) return found->second;
  if (lower_.empty()) return std::nullopt;
  if (const auto found = lower_.find(text); found != lower_.end()) return found->second;
  return std::nullopt;
}

unsigned char AffixIndex::at(std::string_view text, std::size_t index) const {
  const char c = backwards_ ? text[text.size() - 1 - index] : text[index];
  return static_cast<unsigned char>(ignore_case_ ? ascii_lower(c) : c);
}

std::size_t AffixIndex::common(std::string_view a, std::string_view b) const {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t same = 0;
  if (!backwards_ && !ignore_case_) {
    while (same < most && a[same] == b[same]) ++same;
  } else {
    while (same < most && at(a, same) == at(b, same)) ++same;
  }
  return same;
}

bool AffixIndex::is_before(std::string_view a, std::string_view b) const {
  const std::size_t same = common(a, b);
  if (same == b.size()) return false;
  return same == a.size() || at(a, same) < at(b, same);
}

void AffixIndex::add(std::string_view text, std::uint32_t number) {
  entries_.push_back({std::string(text), number, -1});
}

void AffixIndex::seal() {
  for (const Entry& entry : entries_) shortest_ = std::min(shortest_, entry.text.size());
  if (shortest_ > 0) {
    for (const Entry& entry : entries_) ends_of_shortest_.set(at(entry.text, shortest_ - 1));
  }
  std::ranges::stable_sort(entries_,
                           [this](const Entry& a, const Entry& b) { return is_before(a.text, b.text); });
  // Equal ones stand in the order of their numbers; the first stays.
  const auto same = [this](const Entry& a, const Entry& b) { return !is_before(a.text, b.text); };
  entries_.erase(std::unique(entries_.begin(), entries_.end(), same), entries_.end());
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    std::int32_t parent = static_cast<std::int32_t>(i) - 1;
    while (parent >= 0) {
      const Entry& candidate = entries_[static_cast<std::size_t>(parent)];
      if (common(candidate.text, entries_[i].text) == candidate.text.size()) break;
      parent = candidate.parent;
    }
    entries_[i].parent = parent;
  }
}

std::optional<std::uint32_t> AffixIndex::find(std::string_view text, bool longest) const {
  if (text.size() < shortest_) return std::nullopt;
  if (shortest_ > 0 && !ends_of_shortest_[at(text, shortest_ - 1)]) return std::nullopt;
  const auto behind = std::ranges::upper_bound(
      entries_, text, [this](std::string_view a, std::string_view b) { return is_before(a, b); },
      [](const Entry& entry) { return std::string_view(entry.text); });
  std::optional<std::uint32_t> best;
  for (auto i = static_cast<std::int32_t>(behind - entries_.begin()) - 1; i >= 0;) {
    const Entry& entry = entries_[static_cast<std::size_t>(i)];
    i = entry.parent;
    if (common(entry.text, text) != entry.text.size()) continue;
    if (longest) return entry.number;
    best = std::min(best.value_or(entry.number), entry.number);
  }
  return best;
}

}  // namespace reseal::rules::expression
