// How often operator new was called; for programs that are linked with counting_new.cpp, which replaces it.
#pragma once

#include <cstddef>

namespace reseal::test {

std::size_t allocations();

}  // namespace reseal::test
