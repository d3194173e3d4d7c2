// The variables of the process (proc.name), as `set-var` of `global` has set them. Filled while a generation is built;
// only read afterwards, by any thread.
#pragma once

#include "lb/base/arena.h"
#include "lb/base/buffer_pool.h"
#include "lb/rules/expression/variables.h"

namespace reseal::rules::expression {

struct ProcessVariables {
  BufferPool pool;
  Arena arena{pool};
  VariableStore store;
};

}  // namespace reseal::rules::expression
