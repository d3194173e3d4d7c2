// What an agent says of its server: whatever it is, what is told of it in logs is short and printable, and a line that has
// ended means the same whether or not more comes behind it.
#include <algorithm>
#include <cstdint>

#include "health/agent_reply.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::health;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto all = parse_agent_reply(input, true);
  FUZZ_CHECK(all.has_value());
  const std::string told = all->told();
  FUZZ_CHECK(told.size() < 300);
  FUZZ_CHECK(std::ranges::all_of(told, [](char c) { return c >= ' ' && c < 0x7f; }));
  if (const auto part = parse_agent_reply(input, false)) FUZZ_CHECK(part->told() == told);
  if (all->percent) FUZZ_CHECK(*all->percent <= 100'000);
  return 0;
}
