// One rule of a frontend: a condition and what is done with the requests it takes. Compiled once; immutable; any
// thread; kept by the generation of the requests that it takes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lb/base/clock.h"
#include "lb/rules/condition.h"
#include "lb/rules/header_edit.h"
#include "lb/rules/static_body.h"
#include "lb/rules/text_template.h"

namespace reseal::rules {

struct Redirect {
  int status = 308;
  TextTemplate location;
};

struct Reply {
  int status = 200;
  std::shared_ptr<const StaticBody> body;  ///< null: none
  std::vector<HeaderEdit> fields;
};

/// What the server gets in place of what the client sent. Empty members change nothing.
struct Rewrite {
  TextTemplate host;
  TextTemplate path;         ///< the whole path
  std::string strip_prefix;  ///< in compared form
  TextTemplate add_prefix;   ///< after stripping
};

struct Rule {
  Condition when;
  // What goes on, whatever else the rules do with the request.
  std::vector<HeaderEdit> request_edits;
  std::vector<HeaderEdit> response_edits;
  std::optional<Rewrite> rewrite;
  std::optional<std::uint64_t> max_body_bytes;
  std::optional<Duration> response_timeout;
  std::optional<Duration> idle_timeout;
  // What decides; at most one.
  bool allow = false;  ///< later `deny` do not hold for this request
  int deny = 0;        ///< the status; 0: not denied
  std::optional<std::uint32_t> backend;
  std::optional<Redirect> redirect;
  std::optional<Reply> reply;

  /// Its condition or one of its texts is an expression.
  [[nodiscard]] bool has_expressions() const;
  /// There is something to do besides deciding.
  [[nodiscard]] bool has_changes() const {
    return !request_edits.empty() || !response_edits.empty() || rewrite;
  }
};

}  // namespace reseal::rules
