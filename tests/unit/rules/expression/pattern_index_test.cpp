// The indexes against what they replace: a look at every pattern.
#include <algorithm>

#include "lb/base/random.h"
#include "lb/base/text.h"
#include "lb/rules/expression/network_index.h"
#include "lb/rules/expression/string_index.h"
#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules::expression;

namespace {

std::string random_text(Random& random, std::size_t most) {
  std::string text(random.below(most + 1), 'a');
  for (char& c : text) c = "abAB"[random.below(4)];
  return text;
}

bool begins(std::string text, std::string pattern, bool backwards, bool ignore_case) {
  if (ignore_case) {
    text = lowered(text);
    pattern = lowered(pattern);
  }
  return backwards ? text.ends_with(pattern) : text.starts_with(pattern);
}

}  // namespace

TEST_CASE("beginnings and ends are found as if each were looked at") {
  Random random(7);
  for (int round = 0; round < 400; ++round) {
    const bool backwards = round % 2 == 1;
    const bool ignore_case = round % 4 >= 2;
    AffixIndex index(backwards, ignore_case);
    std::vector<std::string> patterns;
    const std::uint64_t count = random.below(12);
    for (std::uint32_t i = 0; i < count; ++i) {
      patterns.push_back(random_text(random, 5));
      index.add(patterns.back(), i);
    }
    index.seal();
    for (int i = 0; i < 40; ++i) {
      const std::string text = random_text(random, 7);
      std::optional<std::uint32_t> first, longest;
      for (std::uint32_t k = 0; k < patterns.size(); ++k) {
        if (!begins(text, patterns[k], backwards, ignore_case)) continue;
        if (!first) first = k;
        if (!longest || patterns[k].size() > patterns[*longest].size()) longest = k;
      }
      REQUIRE(index.find(text, false) == first);
      REQUIRE(index.find(text, true) == longest);
    }
  }
}

TEST_CASE("blocks of addresses are found as if each were looked at") {
  Random random(9);
  for (int round = 0; round < 200; ++round) {
    NetworkIndex index;
    struct Block {
      std::uint32_t address;
      unsigned bits;
    };
    std::vector<Block> blocks;
    for (std::uint32_t i = 0; i < 20; ++i) {
      const auto address = static_cast<std::uint32_t>(random.next()) & 0x0f0000ff;
      const auto bits = static_cast<unsigned>(random.below(33));
      const std::string text = std::to_string(address >> 24) + ".0.0." + std::to_string(address & 255) + "/" +
                               std::to_string(bits);
      blocks.push_back({address, bits});
      REQUIRE(index.add(text, i));
    }
    index.seal();
    for (int i = 0; i < 50; ++i) {
      const auto address = static_cast<std::uint32_t>(random.next()) & 0x0f0000ff;
      std::optional<unsigned> most_bits;
      for (const Block& block : blocks) {
        const bool inside = block.bits == 0 || (block.address ^ address) >> (32 - block.bits) == 0;
        if (inside) most_bits = std::max(most_bits.value_or(0), block.bits);
      }
      Sample sample = Sample::number(address);
      BufferPool pool;
      Arena arena(pool);
      REQUIRE(convert(sample, Type::kIpv4, arena));
      const auto found = index.find(sample);
      REQUIRE(found.has_value() == most_bits.has_value());
      if (found) REQUIRE(blocks[*found].bits == *most_bits);
    }
  }
}

TEST_CASE("a hundred thousand patterns are no burden") {
  Scene scene;
  std::string hosts, paths, nets;
  for (int i = 0; i < 100'000; ++i) {
    hosts += "host" + std::to_string(i) + ".example\n";
    paths += "/path/" + std::to_string(i) + "/\n";
    nets += "172." + std::to_string(16 + i / 65536) + "." + std::to_string(i / 256 % 256) + "." +
            std::to_string(i % 256) + "\n";
  }
  hosts += "www.example.com\n";
  paths += "/a/\n";
  nets += "10.0.0.0/8\n";
  scene.files.files = {{"hosts", hosts}, {"paths", paths}, {"nets", nets}};
  const auto condition =
      scene.compiler.condition(Scene::words("{ hdr(host) -f hosts } { path_beg -f paths } { src -f nets }"));
  REQUIRE(condition);
  for (int i = 0; i < 10'000; ++i) REQUIRE(condition->holds(scene.context, scene.arena));
}
