#include <algorithm>
#include <array>

#include "lb/config/did_you_mean.h"
#include "lb/haproxy/keywords.h"

namespace reseal::haproxy {
namespace {

using config::Severity;

struct Family {
  Vocabulary in;
  std::string_view word;
  Vocabulary next;
};

/// Words that only open a family: the word behind them says what the line is about.
constexpr Family kFamilies[] = {
    {Vocabulary::kGlobal, "stats", Vocabulary::kGlobalStats},
    {Vocabulary::kProxy, "filter", Vocabulary::kFilter},
    {Vocabulary::kProxy, "http-after-response", Vocabulary::kHttpAfterResponse},
    {Vocabulary::kProxy, "http-check", Vocabulary::kHttpCheck},
    {Vocabulary::kProxy, "http-request", Vocabulary::kHttpRequest},
    {Vocabulary::kProxy, "http-response", Vocabulary::kHttpResponse},
    {Vocabulary::kProxy, "option", Vocabulary::kOption},
    {Vocabulary::kProxy, "stats", Vocabulary::kStats},
    {Vocabulary::kProxy, "tcp-check", Vocabulary::kTcpCheck},
    {Vocabulary::kProxy, "tcp-request", Vocabulary::kTcpRequest},
    {Vocabulary::kProxy, "tcp-response", Vocabulary::kTcpResponse},
    {Vocabulary::kProxy, "timeout", Vocabulary::kTimeout},
    {Vocabulary::kTcpRequest, "connection", Vocabulary::kTcpRequestConnection},
    {Vocabulary::kTcpRequest, "content", Vocabulary::kTcpRequestContent},
    {Vocabulary::kTcpRequest, "session", Vocabulary::kTcpRequestSession},
    {Vocabulary::kTcpResponse, "content", Vocabulary::kTcpResponseContent},
};

/// What "no" and "default" may stand before.
constexpr std::array<std::string_view, 7> kNegatable{
    "busy-polling", "insecure-fork-wanted", "log",          "numa-cpu-mapping",
    "option",       "set-dumpable",         "strict-limits"};

const Family* family_of(Vocabulary vocabulary, std::string_view word) {
  const auto* const found = std::ranges::find_if(kFamilies, [vocabulary, word](const Family& family) {
    return family.in == vocabulary && family.word == word;
  });
  return found == std::end(kFamilies) ? nullptr : found;
}

/// Actions that scripts and services add under names of their own.
bool is_open_ended(Vocabulary vocabulary, std::string_view word) {
  switch (vocabulary) {
    case Vocabulary::kHttpRequest:
    case Vocabulary::kHttpResponse:
    case Vocabulary::kHttpAfterResponse:
    case Vocabulary::kTcpRequestContent:
    case Vocabulary::kTcpResponseContent:
    case Vocabulary::kFilter:
      return word.starts_with("lua.");
    default:
      return false;
  }
}

unsigned place_of(SectionKind kind) {
  switch (kind) {
    case SectionKind::kDefaults:
      return kInDefaults;
    case SectionKind::kFrontend:
      return kInFrontend;
    case SectionKind::kListen:
      return kInListen;
    case SectionKind::kBackend:
      return kInBackend;
    default:
      return ~0U;
  }
}

/// The words up to `last`, as they are written: "tcp-request content".
std::string phrase(const Line& line, std::size_t first, std::size_t last) {
  std::string text;
  for (std::size_t i = first; i <= last; ++i) {
    text += (text.empty() ? "" : " ") + config::shortened(line.words[i].text);
  }
  return text;
}

/// One line being looked at, word by word.
class Check {
 public:
  Check(const Section& section, const Line& line) : section_(section), line_(line) {}

  std::optional<KeywordProblem> run() {
    if (auto problem = modifier()) return problem;
    Vocabulary vocabulary = first_words(section_.kind);
    for (std::size_t at = first_; at < line_.words.size(); ++at) {
      const std::string& word = line_.words[at].text;
      if (is_open_ended(vocabulary, word)) return std::nullopt;
      if (auto hint = legacy(at)) return KeywordProblem{at, Severity::kError, std::move(*hint)};
      const Keyword* const keyword = find_keyword(vocabulary, word);
      if (keyword == nullptr) return unknown(vocabulary, at);
      if (auto problem = misplaced(*keyword, at)) return problem;
      const Family* const family = family_of(vocabulary, word);
      if (family == nullptr) return std::nullopt;
      vocabulary = family->next;
    }
    return KeywordProblem{line_.words.size() - 1, Severity::kError,
                          "'" + phrase(line_, 0, line_.words.size() - 1) + "' needs a word that says which"};
  }

 private:
  /// "no" or "default" in front. 'program' and 'fcgi-app' read their "no option" themselves.
  std::optional<KeywordProblem> modifier() {
    const std::string& word = line_.words.front().text;
    if ((word != "no" && word != "default") || line_.words.size() < 2) return std::nullopt;
    first_ = 1;
    if (std::ranges::find(kNegatable, line_.words[1].text) != kNegatable.end()) return std::nullopt;
    return KeywordProblem{
        1, Severity::kError,
        "'" + word + "' may stand only before " + config::one_of({kNegatable.begin(), kNegatable.end()})};
  }

  [[nodiscard]] std::optional<std::string> legacy(std::size_t at) const {
    const std::string_view second =
        at + 1 < line_.words.size() ? std::string_view(line_.words[at + 1].text) : "";
    const std::string_view hint =
        at == first_ ? legacy_hint(line_.words[at].text, second) : std::string_view();
    if (hint.empty()) return std::nullopt;
    const bool pair = legacy_hint(line_.words[at].text, "").empty();
    return "'" + phrase(line_, at, pair ? at + 1 : at) + "' is not supported any more by HAProxy; " +
           std::string(hint);
  }

  [[nodiscard]] KeywordProblem unknown(Vocabulary vocabulary, std::size_t at) const {
    const std::string shown = "'" + config::shortened(line_.words[at].text) + "'";
    std::string message =
        at == first_
            ? "unknown keyword " + shown + " in a '" + std::string(name_of(section_.kind)) + "' section"
            : "unknown word " + shown + " after '" + phrase(line_, first_, at - 1) + "'";
    return {at, Severity::kError, message + near_keyword(vocabulary, line_.words[at].text)};
  }

  [[nodiscard]] std::optional<KeywordProblem> misplaced(const Keyword& keyword, std::size_t at) const {
    const bool here = (keyword.sections & place_of(section_.kind)) != 0;
    const std::string shown = "'" + phrase(line_, first_, at) + "' ";
    if (here && section_.kind == SectionKind::kDefaults && (keyword.sections & kInNamedDefaults) != 0 &&
        section_.name.empty()) {
      return KeywordProblem{at, Severity::kError,
                            shown + "is allowed in a 'defaults' section with a name only"};
    }
    if (here) return std::nullopt;
    const bool refused = keyword.strict || section_.kind == SectionKind::kDefaults;
    return KeywordProblem{at, refused ? Severity::kError : Severity::kWarning,
                          shown + (refused ? "is not allowed" : "has no effect") + " in a '" +
                              std::string(name_of(section_.kind)) + "' section"};
  }

  const Section& section_;
  const Line& line_;
  std::size_t first_ = 0;  // behind "no" or "default"
};

}  // namespace

std::optional<KeywordProblem> check_keyword(const Section& section, const Line& line) {
  return Check(section, line).run();
}

}  // namespace reseal::haproxy
