// How the functions of fetches and converters are called.
#pragma once

#include <cstdint>
#include <span>

#include "lb/base/arena.h"
#include "lb/rules/expression/argument.h"
#include "lb/rules/expression/sample_context.h"

namespace reseal::rules::expression {

/// Where a fetch of several values goes on. Fresh: at the first one.
struct Cursor {
  std::uint32_t item = 0;    ///< the fetch's own
  std::uint32_t offset = 0;  ///< the fetch's own
  bool more = false;         ///< set by the fetch: another call may find another value
};

struct Call {
  const SampleContext& context;
  Arena& arena;
  std::span<const Argument> arguments;  ///< as many as the row's signature has; absent ones are empty
  Cursor* cursor = nullptr;             ///< of fetches: null for the one value that expressions have

  [[nodiscard]] const Argument& argument(std::size_t index) const { return arguments[index]; }
};

}  // namespace reseal::rules::expression
