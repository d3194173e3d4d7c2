// The path of a request target in one form, so that no spelling of it slips past a rule (decision 0011): the
// normal form, which servers get, and the compared form, which rules look at. Pure, apart from the arena; any
// thread. No more than two passes over the path, whatever it holds.
//
//   as received    /a//%41/./x;v=1/%2e%2e/b%c3%a9?q
//   normal form    /a/A/b%C3%A9?q         unreserved characters decoded, hex in upper case, dots and // resolved
//   compared form  /a/A/b\xc3\xa9         every escape decoded, ";parameters" left out, '\' and %2F are '/'
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lb/base/arena.h"
#include "lb/base/error.h"

namespace reseal::http {

/// What servers read differently and a frontend may have to let through. Both are refused unless kept.
struct PathPolicy {
  bool keep_encoded_slash = false;  ///< %2F
  bool keep_backslash = false;      ///< \ and %5C
};

/// The target with its path in normal form (RFC 3986 6.2.2); the query is left as it is. Returns `target`
/// itself when there is nothing to do, otherwise text in `arena`. A target that is no path ("*") is returned
/// as it is. kAmbiguousRequest: an escape that is none, %00, "..", above the root, a dot segment that some
/// servers see and others do not ("/..;/", "/..%2F"), what the policy refuses.
Result<std::string_view> normal_target(std::string_view target, const PathPolicy& policy, Arena& arena);

/// The compared form of a path in normal form without query: `path` itself, or text in `arena`.
std::string_view compared_path(std::string_view path, Arena& arena);

/// Whether a path in compared form is `prefix` or below it: "/api" takes "/api" and "/api/x", not "/apix".
bool has_path_prefix(std::string_view path, std::string_view prefix);

/// What is left of a path in normal form when `prefix` (in compared form) is taken from its front, beginning with
/// '/'; nothing if the prefix is not there. A view of `path`, or static.
std::optional<std::string_view> without_path_prefix(std::string_view path, std::string_view prefix);

/// The compared form of a path that a configuration names. The error is what normal_target says of it. Allocates.
Result<std::string> compared_pattern(std::string_view path);

}  // namespace reseal::http
