// Files that change while they are used: against the same lines read anew, whatever way they are compared, and from many
// threads at once.
#include "lb/rules/expression/pattern_file.h"

#include <catch2/catch.hpp>
#include <thread>

#include "lb/base/random.h"
#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules::expression;
using Change = PatternFile::Change;

namespace {

std::string random_of(Random& random, std::string_view letters, std::size_t least, std::size_t most) {
  std::string text(least + random.below(most - least + 1), 'a');
  for (char& c : text) c = letters[random.below(letters.size())];
  return text;
}

std::string random_key(Random& random, Match match) {
  switch (match) {
    case Match::kAddress: {
      const std::string ipv4 =
          std::to_string(random.below(2)) + '.' + std::to_string(random.below(3) * 64) + ".0.1";
      const std::string bits = std::to_string(random.below(33));
      return random.below(3) == 0 ? "::ffff:" + ipv4 + '/' + std::to_string(96 + random.below(33))
                                  : ipv4 + '/' + bits;
    }
    case Match::kInteger:
      return std::to_string(random.below(10)) + ":" + std::to_string(10 + random.below(10));
    case Match::kLength:
      return std::to_string(random.below(6));
    case Match::kBinary:
      return random_of(random, "4", 2, 2) + random_of(random, "12", 1, 1) + "4";
    default:
      return random_of(random, "abAB/", 1, 4);
  }
}

std::string random_value(Random& random, Match match) {
  if (match == Match::kAddress)
    return std::to_string(random.below(2)) + '.' + std::to_string(random.below(3) * 64) + ".0." +
           std::to_string(random.below(3));
  if (match == Match::kInteger) return std::to_string(random.below(25));
  return random_of(random, "abAB/", 0, 6);
}

/// What a view makes of a text; "-" if nothing matches.
std::string found(const PatternView& view, const std::string& text, Arena& arena) {
  Sample sample = Sample::string(text);
  if (!view.look_up(sample, arena)) return "-";
  return std::string(sample.text);
}

}  // namespace

TEST_CASE("a file that was changed is as one that was read so") {
  Scene scene;
  for (const Match match :
       {Match::kString, Match::kBegins, Match::kEnds, Match::kContains, Match::kDirectory, Match::kDomain,
        Match::kRegex, Match::kAddress, Match::kInteger, Match::kLength, Match::kBinary}) {
    for (int round = 0; round < 60; ++round) {
      Random random(static_cast<std::uint64_t>(round));
      const PatternView::Reading reading{match, round % 2 == 1, Type::kString};
      PatternFile file("changed");
      std::string text;
      for (std::uint64_t i = random.below(6); i > 0; --i)
        text += random_key(random, match) + " v" + std::to_string(i) + '\n';
      file.load(text, true);
      const auto view = file.view(reading);
      REQUIRE(view);
      for (int change = 0; change < 12; ++change) {
        const std::string key = random_key(random, match);
        switch (random.below(4)) {
          case 0:
            (void)file.remove(key);
            break;
          case 1:
            REQUIRE(file.put(key, "p" + std::to_string(change)) == Change::kDone);
            break;
          case 2:
            REQUIRE(file.add(key, "a" + std::to_string(change)) == Change::kDone);
            break;
          default:
            REQUIRE(file.add_if_new(key) == Change::kDone);
        }
        std::string lines;
        file.each([&](std::uint64_t, const std::string& each_key, const std::string& value) {
          lines += each_key + ' ' + value + '\n';
          return true;
        });
        PatternFile again("read");
        again.load(lines, true);
        const auto fresh = again.view(reading);
        REQUIRE(fresh);
        for (int look = 0; look < 15; ++look) {
          const std::string value = random_value(random, match);
          INFO(lines << "looked for: " << value << ", match " << static_cast<int>(match));
          REQUIRE(found(**view, value, scene.arena) == found(**fresh, value, scene.arena));
          Sample a = Sample::string(value), b = a;
          REQUIRE((*view)->matches(a, scene.arena) == (*fresh)->matches(b, scene.arena));
        }
      }
    }
  }
}

TEST_CASE("what is no pattern or no value of its type changes nothing") {
  Scene scene;
  PatternFile file("numbers");
  file.load("1 10\n", true);
  const auto* numbers = *file.view({Match::kInteger, false, Type::kInteger});
  const auto* texts = *file.view({Match::kString, false, Type::kString});
  CHECK(file.put("x", "1") == Change::kWrong);
  CHECK(file.put("1", "x") == Change::kWrong);
  CHECK(file.put("2", "x") == Change::kWrong);
  CHECK(file.set("2", "1") == Change::kNoSuchKey);
  CHECK(file.remove("2") == Change::kNoSuchKey);
  CHECK(found(*texts, "x", scene.arena) == "-");
  CHECK(found(*texts, "1", scene.arena) == "10");
  CHECK(file.put("2", "20") == Change::kDone);
  Sample two = Sample::number(2);
  CHECK(numbers->look_up(two, scene.arena));
  CHECK(two.integer == 20);
  CHECK(found(*texts, "2", scene.arena) == "20");
  file.clear();
  CHECK(found(*texts, "1", scene.arena) == "-");
}

TEST_CASE("a file takes no more than so many new lines and bytes") {
  const auto fill = [](Match match) {
    PatternFile file("full");
    file.load("a\n", false);
    REQUIRE(file.view({match, false, Type::kAny}));
    std::size_t count = 0;
    while (file.add_if_new("k" + std::to_string(count)) == Change::kDone) ++count;
    CHECK(file.add_if_new("a") == Change::kDone);
    CHECK(file.add_if_new("b") == Change::kFull);
    CHECK(file.remove("k0") == Change::kDone);
    CHECK(file.add_if_new("b") == Change::kDone);
    return count;
  };
  CHECK(fill(Match::kString) == PatternFile::kMostAdded);
  CHECK(fill(Match::kContains) == PatternFile::kMostAddedInOrder);
  PatternFile file("full");
  file.load("", true);
  const std::string large(1024 * 1024, 'x');
  for (std::size_t i = 0; i < 63; ++i) REQUIRE(file.put(std::to_string(i), large) == Change::kDone);
  CHECK(file.put("63", large) == Change::kFull);
  CHECK(file.put("0", large + large) == Change::kFull);
  CHECK(file.put("0", "small") == Change::kDone);
  CHECK(file.put("63", large) == Change::kDone);
}

TEST_CASE("a file takes no more than so many new lengths where each lookup tries all of them") {
  for (const Match match : {Match::kBegins, Match::kEnds}) {
    PatternFile file("lengths");
    file.load("a\nbbb\n", false);
    REQUIRE(file.view({match, false, Type::kAny}));
    std::size_t length = 10;
    while (file.add_if_new(std::string(length, 'k')) == Change::kDone) ++length;
    CHECK(length == 10 + ChangingPatterns::kMostAddedLengths);
    CHECK(file.put(std::string(length, 'x'), "") == Change::kFull);
    CHECK(file.add_if_new(std::string(12, 'x')) == Change::kDone);
    CHECK(file.remove(std::string(11, 'k')) == Change::kDone);
    CHECK(file.add_if_new(std::string(length, 'k')) == Change::kDone);
  }
}

TEST_CASE("keys are the same in any case where nothing that looks into the file minds it") {
  PatternFile file("cases");
  file.load("", false);
  REQUIRE(file.view({Match::kString, true, Type::kAny}));
  CHECK(file.add_if_new("Bad") == Change::kDone);
  CHECK(file.add_if_new("bAD") == Change::kDone);
  std::size_t lines = 0;
  file.each([&](std::uint64_t, const std::string& key, const std::string&) { return ++lines, key == "Bad"; });
  CHECK(lines == 1);
  CHECK(file.remove("BAD") == Change::kDone);
  CHECK(file.remove("Bad") == Change::kNoSuchKey);
  PatternFile both("both");
  both.load("", false);
  REQUIRE(both.view({Match::kString, true, Type::kAny}));
  REQUIRE(both.view({Match::kString, false, Type::kAny}));
  CHECK(both.add_if_new("Bad") == Change::kDone);
  CHECK(both.remove("bad") == Change::kNoSuchKey);
}

TEST_CASE("threads look up while others change") {
  PatternFile file("shared");
  file.load("stays here\n", true);
  const auto* view = *file.view({Match::kBegins, false, Type::kString});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      BufferPool pool;
      Arena arena(pool);
      const std::string key = "key" + std::to_string(number);
      for (int i = 0; i < 500; ++i) {
        if (file.put(key, std::to_string(i)) != Change::kDone) ++wrong;
        if (found(*view, key + "/x", arena) != std::to_string(i)) ++wrong;
        if (found(*view, "stays", arena) != "here") ++wrong;
        if (file.remove(key) != Change::kDone) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a file is either a map or a list of patterns") {
  Scene scene;
  scene.files.files["list"] = "a 1\n";
  CHECK(scene.condition("{ path -m str -f list }") == "no");
  CHECK_THAT(scene.value("path,map(list)"), Catch::Contains("used as patterns elsewhere"));
}
