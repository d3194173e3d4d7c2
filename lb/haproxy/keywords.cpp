#include "lb/haproxy/keywords.h"

#include <algorithm>
#include <array>
#include <vector>

#include "lb/base/text.h"
#include "lb/config/did_you_mean.h"
#include "lb/haproxy/keyword_lists.h"

namespace reseal::haproxy {
namespace {

constexpr unsigned kEverywhere = kInDefaults | kInFrontend | kInListen | kInBackend;

using Vocabularies = std::array<std::vector<Keyword>, kVocabularies>;

unsigned sections_of(std::string_view letters) {
  unsigned sections = 0;
  for (const char c : letters) {
    if (c == 'd') sections |= kInDefaults;
    if (c == 'n') sections |= kInDefaults | kInNamedDefaults;
    if (c == 'f') sections |= kInFrontend;
    if (c == 'l') sections |= kInListen;
    if (c == 'b') sections |= kInBackend;
  }
  return sections;
}

Keyword parse_keyword(std::string_view text) {
  Keyword keyword{.name = text, .sections = kEverywhere};
  if (text.ends_with('!')) {
    keyword.strict = true;
    text.remove_suffix(1);
  }
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) keyword.sections = sections_of(text.substr(at + 1));
  text = text.substr(0, at);
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) keyword.arguments = text[slash + 1] - '0';
  keyword.name = text.substr(0, slash);
  return keyword;
}

Vocabularies parse_lists() {
  Vocabularies all;
  for (const std::span<const KeywordList> lists : {configuration_lists(), sample_lists()}) {
    for (const KeywordList& list : lists) {
      auto& words = all[static_cast<std::size_t>(list.vocabulary)];
      for (std::size_t begin = 0; begin < list.words.size();) {
        const std::size_t end = std::min(list.words.find(' ', begin), list.words.size());
        words.push_back(parse_keyword(list.words.substr(begin, end - begin)));
        begin = end + 1;
      }
    }
  }
  for (auto& words : all) std::ranges::sort(words, {}, &Keyword::name);
  return all;
}

/// "track-sc*" for "track-sc0".
bool goes_on_with_digits(std::string_view word, std::string_view name) {
  if (!name.ends_with('*')) return false;
  name.remove_suffix(1);
  if (!word.starts_with(name) || word.size() == name.size()) return false;
  return std::ranges::all_of(word.substr(name.size()), is_digit);
}

}  // namespace

std::span<const Keyword> keywords(Vocabulary vocabulary) {
  static const Vocabularies all = parse_lists();
  return all[static_cast<std::size_t>(vocabulary)];
}

const Keyword* find_keyword(Vocabulary vocabulary, std::string_view word) {
  word = word.substr(0, word.find('('));
  const std::span<const Keyword> words = keywords(vocabulary);
  const auto found = std::ranges::lower_bound(words, word, {}, &Keyword::name);
  if (found != words.end() && found->name == word) return &*found;
  // A name with a star sorts right before or after those it stands for.
  const auto star = std::ranges::find_if(
      words, [word](const Keyword& keyword) { return goes_on_with_digits(word, keyword.name); });
  return star != words.end() ? &*star : nullptr;
}

std::string near_keyword(Vocabulary vocabulary, std::string_view word) {
  std::vector<std::string> names;
  for (const Keyword& keyword : keywords(vocabulary)) names.emplace_back(keyword.name);
  return config::did_you_mean(word.substr(0, word.find('(')), names);
}

Vocabulary first_words(SectionKind kind) {
  switch (kind) {
    case SectionKind::kGlobal:
      return Vocabulary::kGlobal;
    case SectionKind::kDefaults:
    case SectionKind::kFrontend:
    case SectionKind::kBackend:
    case SectionKind::kListen:
      return Vocabulary::kProxy;
    case SectionKind::kResolvers:
      return Vocabulary::kResolvers;
    case SectionKind::kUserlist:
      return Vocabulary::kUserlist;
    case SectionKind::kPeers:
      return Vocabulary::kPeers;
    case SectionKind::kMailers:
      return Vocabulary::kMailers;
    case SectionKind::kHttpErrors:
      return Vocabulary::kHttpErrors;
    case SectionKind::kCache:
      return Vocabulary::kCache;
    case SectionKind::kRing:
      return Vocabulary::kRing;
    case SectionKind::kLogForward:
      return Vocabulary::kLogForward;
    case SectionKind::kLogProfile:
      return Vocabulary::kLogProfile;
    case SectionKind::kProgram:
      return Vocabulary::kProgram;
    case SectionKind::kFcgiApp:
      return Vocabulary::kFcgiApp;
    case SectionKind::kCrtStore:
      return Vocabulary::kCrtStore;
    case SectionKind::kTraces:
      return Vocabulary::kTraces;
    case SectionKind::kAcme:
      return Vocabulary::kAcme;
  }
  return Vocabulary::kGlobal;
}

}  // namespace reseal::haproxy
