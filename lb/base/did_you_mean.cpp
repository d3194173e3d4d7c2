#include "lb/base/did_you_mean.h"

#include <algorithm>
#include <numeric>
#include <ranges>

#include "lb/base/text.h"

namespace reseal {
namespace {

constexpr std::size_t kLongestWord = 64;

/// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), case ignored.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  std::iota(cost[0].begin(), cost[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = ascii_lower(a[i - 1]);
      const char y = ascii_lower(b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (x == y ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && x == ascii_lower(b[j - 2]) && ascii_lower(a[i - 2]) == y;
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

bool is_near(std::string_view word, std::string_view candidate) {
  if (word.size() > kLongestWord || candidate.size() > kLongestWord) return false;
  return edit_distance(word, candidate) <= candidate.size() / 4;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& accepted) {
  constexpr std::size_t kMostCandidates = 1000;  // thousands of backends must not make mistakes slow to tell
  if (word.size() > kLongestWord) return "";
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : accepted | std::views::take(kMostCandidates)) {
    if (candidate.size() > kLongestWord) continue;
    // Words that differ by this much in length are no nearer: most need no closer look.
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= least) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least && distance < candidate.size()) {
      least = distance;
      nearest = &candidate;
    }
  }
  return nearest != nullptr ? "; did you mean '" + *nearest + "'?" : "";
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kLongestShown = 80;
  if (text.size() <= kLongestShown) return std::string(text);
  return std::string(text.substr(0, kLongestShown)) + "...";
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace reseal
