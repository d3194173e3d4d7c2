#include "lb/haproxy/group_check.h"

#include <map>
#include <set>

#include "lb/base/did_you_mean.h"

namespace reseal::haproxy {
namespace {

constexpr std::string_view kFetch = "http_auth_group(";

/// By the names of lists.
using Groups = std::map<std::string, std::set<std::string>, std::less<>>;

Groups groups_of(const Source& source) {
  Groups all;
  for (const Section& section : source.sections) {
    if (section.kind != SectionKind::kUserlist) continue;
    // Of two with one name the first one holds.
    const auto [list, is_new] = all.try_emplace(section.name);
    if (!is_new) continue;
    for (const Line& line : section.lines) {
      if (line.words.size() > 1 && line.words.front().text == "group")
        list->second.insert(line.words[1].text);
    }
  }
  return all;
}

/// Its words begin an ACL: they do not in `set-var(txn.user) http_auth_group(staff)`.
bool begins_acl(const Line& line, std::size_t at) {
  if (at == 2 && line.words.front().text == "acl") return true;
  return at > 0 && (line.words[at - 1].text == "{" || line.words[at - 1].text == "!{");
}

void check(Translator& translator, const Line& line, std::size_t at, const Groups& all) {
  const std::string_view word = line.words[at].text;
  if (!word.starts_with(kFetch) || !word.ends_with(')') || !begins_acl(line, at)) return;
  const std::string_view name = word.substr(kFetch.size(), word.size() - kFetch.size() - 1);
  const auto list = all.find(name);
  // Of one that is not there the rule's own compiler tells. Behind a flag it is not names that follow.
  const bool is_checked =
      list != all.end() && at + 1 < line.words.size() && !line.words[at + 1].text.starts_with('-');
  if (!is_checked) return;
  for (std::size_t i = at + 1; i < line.words.size() && line.words[i].text != "}"; ++i) {
    const std::string& group = line.words[i].text;
    if (!list->second.contains(group))
      translator.error(line, i,
                       "there is no group '" + shortened(group) + "' in the list '" + list->first + "'");
  }
}

}  // namespace

void check_groups(Translator& translator, const Source& source) {
  const Groups all = groups_of(source);
  if (all.empty()) return;
  for (const Section& section : source.sections) {
    if (section.kind == SectionKind::kUserlist) continue;
    for (const Line& line : section.lines) {
      for (std::size_t i = 0; i < line.words.size(); ++i) check(translator, line, i, all);
    }
  }
}

}  // namespace reseal::haproxy
