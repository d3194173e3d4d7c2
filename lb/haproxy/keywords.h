// The words HAProxy's configuration knows, as facts: names, where they may stand, how many arguments follow.
// For "unknown keyword ..., did you mean ...?" and for telling what is merely not supported here. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lb/haproxy/source.h"

namespace reseal::haproxy {

/// A set of words that may stand in one position.
enum class Vocabulary : std::uint8_t {
  // the first word of a section's line
  kGlobal,
  kProxy,
  kResolvers,
  kUserlist,
  kPeers,
  kMailers,
  kHttpErrors,
  kCache,
  kRing,
  kLogForward,
  kLogProfile,
  kProgram,
  kFcgiApp,
  kCrtStore,
  kTraces,
  kAcme,
  // the second one: "stats socket", "option httplog", "tcp-request content", "http-request deny"
  kGlobalStats,
  kStats,
  kOption,
  kTimeout,
  kFilter,
  kTcpRequest,
  kTcpResponse,
  kHttpRequest,
  kHttpResponse,
  kHttpAfterResponse,
  kHttpCheck,
  kTcpCheck,
  // the third one: "tcp-request content reject"
  kTcpRequestConnection,
  kTcpRequestSession,
  kTcpRequestContent,
  kTcpResponseContent,
  // options of a line
  kBind,
  kServer,
  kCrtList,
  // parts of expressions
  kFetch,
  kAclFetch,
  kConverter,
  kService
};
constexpr std::size_t kVocabularies = static_cast<std::size_t>(Vocabulary::kService) + 1;

/// Where a proxy keyword may stand, summed up.
constexpr unsigned kInDefaults = 1;
constexpr unsigned kInNamedDefaults = 2;  ///< of kInDefaults, those with a name only
constexpr unsigned kInFrontend = 4;
constexpr unsigned kInListen = 8;
constexpr unsigned kInBackend = 16;

struct Keyword {
  std::string_view name;
  int arguments = -1;     ///< kBind, kServer, kCrtList: the words that follow it; -1: several, or not known
  unsigned sections = 0;  ///< of proxies; all of them where the vocabulary knows no difference
  bool strict = false;    ///< in the wrong kind of proxy it is an error; others are ignored there
};

/// All of them, sorted by name.
std::span<const Keyword> keywords(Vocabulary vocabulary);

/// The keyword, or nullptr. Of a word with arguments in parentheses ("set-var(txn.a)", "hdr(host)") only what
/// stands before them counts. Case counts.
const Keyword* find_keyword(Vocabulary vocabulary, std::string_view word);

/// "; did you mean 'balance'?" or "".
std::string near_keyword(Vocabulary vocabulary, std::string_view word);

/// The words that may begin a line of such a section.
Vocabulary first_words(SectionKind kind);

/// What to write instead of a word that HAProxy once had ("use 'timeout client' instead" for "clitimeout");
/// empty if it is none. `second` matters for families ("option forceclose", "timeout clitimeout").
std::string_view legacy_hint(std::string_view first, std::string_view second);

struct KeywordProblem {
  std::size_t word = 0;  ///< which word of the line
  config::Severity severity = config::Severity::kError;
  std::string message;
};

/// Whether HAProxy knows the words that name what the line is about: the first, and where that one only opens
/// a family (option, timeout, stats, http-request ...) the next. Legacy words are told with their hint. A known
/// word in the wrong kind of proxy is an error or, where HAProxy ignores it, a warning. "no" and "default"
/// before a keyword are looked through.
std::optional<KeywordProblem> check_keyword(const Section& section, const Line& line);

}  // namespace reseal::haproxy
