// A haproxy.cfg of any text: never a crash or a hang; every problem, line and word has its place in the text, and what
// was read refers to nothing that is not there. What is translated loads, or says why not.
#include <algorithm>
#include <cstdint>

#include "lb/haproxy/keywords.h"
#include "lb/haproxy/translation.h"
#include "tests/fuzz/fuzz_check.h"

namespace {

using namespace reseal::haproxy;

void check_line(const Source& source, const Line& line, int lines) {
  FUZZ_CHECK(line.file < source.files.size());
  FUZZ_CHECK(line.offset < source.files[line.file].text.size());
  FUZZ_CHECK(line.place.line >= 1 && line.place.line <= lines);
  FUZZ_CHECK(!line.words.empty() && line.words.size() <= kMostWords);
  FUZZ_CHECK(line.place.column == line.words.front().column);
  int column = 1;
  for (const Word& word : line.words) {
    FUZZ_CHECK(word.column >= column);
    FUZZ_CHECK(word.text.find('\0') == std::string::npos);
    column = word.column;
  }
}

void check_sections(const Source& source, int lines) {
  for (std::size_t i = 0; i < source.sections.size(); ++i) {
    const Section& section = source.sections[i];
    check_line(source, section.head, lines);
    FUZZ_CHECK(section_kind(section.head.words.front().text) == section.kind);
    if (section.defaults) {
      FUZZ_CHECK(*section.defaults < i);
      FUZZ_CHECK(source.sections[*section.defaults].kind == SectionKind::kDefaults);
    }
    for (const Line& line : section.lines) {
      check_line(source, line, lines);
      const auto problem = check_keyword(section, line);
      FUZZ_CHECK(!problem || (problem->word < line.words.size() && !problem->message.empty()));
    }
  }
}

void check_translation(const Source& source, int lines) {
  const Translated translated = translate(source);
  FUZZ_CHECK(translated.configuration.has_value() != reseal::config::has_error(translated.problems));
  for (const auto& problem : translated.problems) {
    FUZZ_CHECK(!problem.message.empty() && problem.place.line <= lines);
  }
  for (const Notice& notice : translated.notices) FUZZ_CHECK(notice.place.line <= lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Environment environment;
  environment.set("A", "a b");
  environment.set("B", "");
  const Abilities abilities = own_abilities("OpenSSL 3.0.0");
  const Source source = read_text(text, "fuzz.cfg", environment, abilities);
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const auto& problem : source.problems) {
    FUZZ_CHECK(!problem.message.empty());
    FUZZ_CHECK(problem.file == "fuzz.cfg");
    FUZZ_CHECK(problem.place.line <= lines);
    FUZZ_CHECK(reseal::config::render(problem).starts_with("fuzz.cfg:"));
  }
  check_sections(source, lines);
  check_translation(source, lines);
  // The same text says the same: nothing is kept from one reading to the next.
  const Source again = read_text(text, "fuzz.cfg", environment, abilities);
  FUZZ_CHECK(again.sections.size() == source.sections.size());
  FUZZ_CHECK(again.problems.size() == source.problems.size());
  const auto holds = evaluate_argument(text, environment, abilities);
  FUZZ_CHECK(holds || (holds.error().column >= 1 && !holds.error().message.empty()));
  return 0;
}
