// The expressions of HAProxy's log formats: joins the formats of lb/stats to the engine. Reading: control thread; what is read
// is immutable; any thread.
#pragma once

#include <string>
#include <string_view>

#include "lb/base/arena.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/expression/sample_context.h"
#include "lb/stats/haproxy_format.h"

namespace reseal::rules::expression {

/// What a record's expressions are evaluated with. Views into the arena last as long as it.
struct LogContext final : stats::LogEvaluation {
  LogContext(const SampleContext& seen, Arena& memory) : context(seen), arena(memory) {}
  const SampleContext& context;
  Arena& arena;
};

/// Compiles a format whose records carry a LogContext.
std::expected<stats::HaproxyFormat, stats::HaproxyFormatError> compile_log_format(
    std::string_view text, const Environment& environment);

}  // namespace reseal::rules::expression
