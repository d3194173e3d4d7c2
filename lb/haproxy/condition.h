// The conditions of `.if`, `.elif` and `-cc`: predicates, !, &&, || and parentheses (HAProxy's manual, 2.4).
// Pure.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/haproxy/words.h"

namespace reseal::haproxy {

/// The HAProxy whose configuration language is spoken: what version_atleast() compares with and what the
/// command line says.
constexpr std::string_view kSpokenVersion = "3.2.0";
constexpr std::string_view kSpokenBranch = "3.2";

/// What the predicates are about.
struct Abilities {
  std::string version{kSpokenVersion};
  std::string ssl_library = "OpenSSL 3.0.0";  ///< as the library calls itself: name, blank, version
  std::vector<std::string> features;          ///< feature(NAME): those listed with '+' by -vv
  std::vector<std::string> enabled;           ///< enabled(NAME): what no option has turned off
};

/// The features and options that reseal has.
Abilities own_abilities(std::string_view ssl_library);

/// Whether the condition holds. `words` are those behind `.if`; an error tells the column in their line. None,
/// or an empty one, does not hold. Never recurses deeper than 64 parentheses.
std::expected<bool, LineError> evaluate(std::span<const Word> words, const Environment& environment,
                                        const Abilities& abilities);

/// The argument of `-cc`: one string, split into words as a line is. An error is what makes HAProxy exit
/// with 2.
std::expected<bool, LineError> evaluate_argument(std::string_view argument, const Environment& environment,
                                                 const Abilities& abilities);

}  // namespace reseal::haproxy
