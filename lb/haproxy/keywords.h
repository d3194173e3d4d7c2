// The words HAProxy's configuration knows, as facts: names, where they may stand, how many arguments follow.
// For "unknown keyword ..., did you mean ...?" and for telling what is merely not supported here. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/haproxy/source.h"

namespace reseal::haproxy {

/// A set of words that may stand in one position.
enum class Vocabulary : std::uint8_t {
  kGlobal,
  kProxy,
  kStats,
  kOption,
  kTimeout,  // first words, and the second of some
  kResolvers,
  kUserlist,
  kPeers,
  kMailers,
  kHttpErrors,
  kCache,
  kRing,  // first words of other sections
  kLogForward,
  kLogProfile,
  kProgram,
  kFcgiApp,
  kCrtStore,
  kTraces,
  kAcme,
  kTcpRequest,
  kTcpRequestConnection,
  kTcpRequestSession,
  kTcpRequestContent,
  kTcpResponse,
  kTcpResponseContent,
  kHttpRequest,
  kHttpResponse,
  kHttpAfterResponse,
  kHttpCheck,
  kTcpCheck,  // actions
  kBind,
  kServer,
  kCrtList,  // options
  kFetch,
  kAclFetch,
  kConverter,
  kFilter,
  kService
};

struct Keyword {
  std::string_view name;
  int arguments = -1;     ///< how many words follow that belong to it; -1: several, or not known
  unsigned sections = 0;  ///< kProxy, kOption, kTimeout: a sum of kIn...; 0 elsewhere
};
constexpr unsigned kInDefaults = 1, kInFrontend = 2, kInListen = 4, kInBackend = 8;

/// The keyword, or nullptr. Of a word with arguments in parentheses ("set-var(txn.a)", "hdr(host)") only what
/// stands before them counts. Case counts.
const Keyword* find_keyword(Vocabulary vocabulary, std::string_view word);

/// "; did you mean 'balance'?" or "".
std::string near_keyword(Vocabulary vocabulary, std::string_view word);

/// The words that may begin a line of such a section.
Vocabulary first_words(SectionKind kind);

/// What to write instead of a word that HAProxy once had ("clitimeout": "use 'timeout client' instead");
/// empty if it is none. `second` matters for some ("option forceclose").
std::string_view legacy_hint(std::string_view first, std::string_view second);

struct UnknownKeyword {
  std::size_t word = 0;  ///< which word of the line
  std::string message;
};

/// Whether HAProxy knows the words that name what the line is about: the first, and where that one only opens
/// a family (option, timeout, stats, http-request ...) the second. Legacy words are told with their hint, and
/// so are known ones in the wrong kind of section.
std::optional<UnknownKeyword> unknown_keyword(const Section& section, const Line& line);

}  // namespace reseal::haproxy
