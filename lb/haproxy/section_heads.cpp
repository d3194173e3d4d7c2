#include "lb/haproxy/section_heads.h"

#include <algorithm>

#include "lb/base/text.h"
#include "lb/config/did_you_mean.h"

namespace reseal::haproxy {
namespace {

using config::Severity;

enum class NameRule : std::uint8_t { kNone, kOptional, kRequired };
enum class ExtraWords : std::uint8_t { kRefused, kIgnored };  // what HAProxy does with them
enum class Characters : std::uint8_t { kAny, kChecked };
enum class Duplicates : std::uint8_t { kAllowed, kWarned, kRefused };

struct Rules {
  NameRule name;
  Characters characters;
  ExtraWords extra;
  Duplicates duplicates;
};

/// As HAProxy 2.6 has it; what came later is judged leniently.
Rules rules_of(SectionKind kind) {
  switch (kind) {
    case SectionKind::kGlobal:
      return {NameRule::kNone, Characters::kAny, ExtraWords::kRefused, Duplicates::kAllowed};
    case SectionKind::kDefaults:  // a name is checked when `from` names it
      return {NameRule::kOptional, Characters::kAny, ExtraWords::kIgnored, Duplicates::kAllowed};
    case SectionKind::kUserlist:
      return {NameRule::kRequired, Characters::kChecked, ExtraWords::kRefused, Duplicates::kWarned};
    case SectionKind::kCache:
    case SectionKind::kProgram:
      return {NameRule::kRequired, Characters::kAny, ExtraWords::kRefused, Duplicates::kRefused};
    case SectionKind::kResolvers:
    case SectionKind::kMailers:
    case SectionKind::kHttpErrors:
    case SectionKind::kRing:
      return {NameRule::kRequired, Characters::kChecked, ExtraWords::kIgnored, Duplicates::kRefused};
    case SectionKind::kFrontend:
    case SectionKind::kBackend:
    case SectionKind::kListen:
    case SectionKind::kPeers:
    case SectionKind::kLogForward:
    case SectionKind::kFcgiApp:
      return {NameRule::kRequired, Characters::kChecked, ExtraWords::kRefused, Duplicates::kRefused};
    case SectionKind::kLogProfile:
    case SectionKind::kAcme:
      return {NameRule::kRequired, Characters::kAny, ExtraWords::kIgnored, Duplicates::kAllowed};
    case SectionKind::kCrtStore:
      return {NameRule::kOptional, Characters::kAny, ExtraWords::kIgnored, Duplicates::kAllowed};
    case SectionKind::kTraces:
      return {NameRule::kNone, Characters::kAny, ExtraWords::kIgnored, Duplicates::kAllowed};
  }
  return {};
}

bool takes_defaults(SectionKind kind) {
  return kind == SectionKind::kFrontend || kind == SectionKind::kBackend || kind == SectionKind::kListen;
}

/// What a name is unique in: a frontend and a backend may share one, other proxies may not.
std::vector<std::string_view> name_spaces(SectionKind kind) {
  switch (kind) {
    case SectionKind::kFrontend:
      return {"frontend"};
    case SectionKind::kBackend:
      return {"backend"};
    case SectionKind::kListen:
    case SectionKind::kLogForward:
      return {"frontend", "backend"};
    default:
      return {name_of(kind)};
  }
}

constexpr bool may_be_in_name(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':';
}

/// The first character that no name may have, and what is wrong with it; "" if all may be.
std::string refused_character(std::string_view name) {
  const auto bad = std::ranges::find_if_not(name, may_be_in_name);
  if (bad == name.end()) return "";
  return "character '" + std::string(1, *bad) + "' is not permitted in the name '" + config::shortened(name) +
         "'; accepted are letters, digits, '-', '_', '.' and ':'";
}

void report(Source& source, const Line& line, const Word* word, Severity severity, std::string message) {
  source.problems.push_back(problem_at(source, line, word, severity, std::move(message)));
}

/// "frontend 'web'", "the defaults section".
std::string in_words(const Section& section) {
  if (section.name.empty()) return "the section '" + std::string(name_of(section.kind)) + "'";
  return std::string(name_of(section.kind)) + " '" + config::shortened(section.name) + "'";
}

std::string where(const Source& source, const Section& section) {
  return source.files[section.head.file].name + ":" + std::to_string(section.head.place.line);
}

/// The word at `index` unless it is not there or empty, which HAProxy takes for the same.
const Word* word_at(const Line& line, std::size_t index) {
  return index < line.words.size() && !line.words[index].text.empty() ? &line.words[index] : nullptr;
}

}  // namespace

void SectionHeads::begin(Source& source, SectionKind kind, Line head) {
  Section section;
  section.kind = kind;
  section.head = std::move(head);
  read_words(source, section);
  check_name(source, section);
  check_unique(source, section);
  const std::size_t index = source.sections.size();
  if (kind == SectionKind::kDefaults) {
    defaults_by_name_[section.name].push_back(index);
    last_defaults_ = index;
  }
  source.sections.push_back(std::move(section));
}

void SectionHeads::read_words(Source& source, Section& section) {
  const Line& head = section.head;
  const bool may_have_from = takes_defaults(section.kind) || section.kind == SectionKind::kDefaults;
  std::size_t next = 1;
  const bool anonymous =
      section.kind == SectionKind::kDefaults && head.words.size() > 2 && head.words[1].text == "from";
  if (rules_of(section.kind).name != NameRule::kNone && !anonymous && next < head.words.size()) {
    section.name = head.words[next++].text;
  }
  const Word* from = nullptr;
  if (may_have_from && word_at(head, next) != nullptr && head.words[next].text == "from") {
    from = word_at(head, next + 1);
    const Severity severity = takes_defaults(section.kind) ? Severity::kError : Severity::kWarning;
    if (from == nullptr) {
      report(source, head, &head.words[next], severity, "'from' needs the name of a defaults section");
    }
    next += 2;
  }
  if (may_have_from) choose_defaults(source, section, from);
  read_extra_words(source, section, next);
}

void SectionHeads::read_extra_words(Source& source, const Section& section, std::size_t next) {
  const Word* const extra = word_at(section.head, next);
  if (extra == nullptr) return;
  const bool refused = rules_of(section.kind).extra == ExtraWords::kRefused;
  std::string message = "unexpected '" + config::shortened(extra->text) + "' after " + in_words(section);
  if (takes_defaults(section.kind)) {
    message += "; addresses to listen at are given with 'bind', and 'from NAME' is what may follow here";
  } else if (!refused) {
    message += "; it is ignored";
  }
  report(source, section.head, extra, refused ? Severity::kError : Severity::kWarning, std::move(message));
}

void SectionHeads::check_name(Source& source, const Section& section) {
  const Rules rules = rules_of(section.kind);
  if (rules.name == NameRule::kRequired && section.name.empty()) {
    report(source, section.head, nullptr, Severity::kError,
           "'" + std::string(name_of(section.kind)) + "' needs a name");
  }
  if (rules.characters != Characters::kChecked) return;
  std::string message = refused_character(section.name);
  if (!message.empty())
    report(source, section.head, &section.head.words[1], Severity::kError, std::move(message));
}

void SectionHeads::check_unique(Source& source, const Section& section) {
  const Duplicates duplicates = rules_of(section.kind).duplicates;
  if (duplicates == Duplicates::kAllowed || section.name.empty()) return;
  bool told = false;
  for (const std::string_view space : name_spaces(section.kind)) {
    const auto [known, added] = names_.try_emplace({space, section.name}, source.sections.size());
    if (added || told) continue;
    told = true;
    const Section& first = source.sections[known->second];
    const bool refused = duplicates == Duplicates::kRefused;
    report(source, section.head, &section.head.words[1], refused ? Severity::kError : Severity::kWarning,
           in_words(section) + " has the same name as " + in_words(first) + " at " + where(source, first) +
               (refused ? "" : "; it is ignored"));
  }
}

void SectionHeads::choose_defaults(Source& source, Section& section, const Word* from) {
  if (from != nullptr) {
    section.defaults = named_defaults(source, section, *from);
  } else if (section.kind != SectionKind::kDefaults) {
    section.defaults = last_defaults_;
  }
  if (!section.defaults) return;
  Uses& uses = uses_[*section.defaults];
  (from != nullptr ? uses.named : uses.implied) = true;
  if (!uses.named || !uses.implied || uses.warned) return;
  uses.warned = true;
  const Section& defaults = source.sections[*section.defaults];
  report(
      source, section.head, from, Severity::kWarning,
      in_words(defaults) + " at " + where(source, defaults) +
          " holds for some sections by 'from' and for others because it is the last one before them; name it "
          "everywhere, or put a last defaults section before those that name none");
}

std::optional<std::size_t> SectionHeads::named_defaults(Source& source, const Section& section,
                                                        const Word& from) {
  const auto found = defaults_by_name_.find(from.text);
  if (found == defaults_by_name_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, indices] : defaults_by_name_) {
      if (!name.empty()) names.push_back(name);
    }
    report(source, section.head, &from, Severity::kError,
           "no defaults section '" + config::shortened(from.text) + "' stands before this line" +
               config::did_you_mean(from.text, names));
    return std::nullopt;
  }
  const Section& first = source.sections[found->second.front()];
  std::string message = refused_character(from.text);
  if (message.empty() && found->second.size() > 1) {
    message = "the defaults section '" + config::shortened(from.text) +
              "' is not unique: " + where(source, first) + " and " +
              where(source, source.sections[found->second[1]]);
  }
  if (!message.empty()) report(source, section.head, &from, Severity::kError, std::move(message));
  return found->second.back();
}

}  // namespace reseal::haproxy
