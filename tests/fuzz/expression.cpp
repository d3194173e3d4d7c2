// Expressions, format strings and conditions of any text: they compile or are refused with a place inside the text, and what
// compiles can be evaluated, with a request and without one, twice with the same result.
//
// Input: lines. The first is the expression and the format, the second the words of a condition, the third the target of
// the request; the rest are values of the field "x".
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "lb/rules/expression/compiler.h"
#include "lb/rules/expression/pattern_file.h"
#include "tests/fuzz/fuzz_check.h"

namespace reseal::rules::expression {
namespace {

class NoFiles : public FileReader {
 public:
  std::expected<std::string, std::string> read(const std::string& path) override {
    if (path == "m") return "/ root\n10.0.0.0/8 7\n^(a)b \\1\n5 6\n";
    return std::unexpected("no such file");
  }
};

std::vector<std::string> split(std::string_view text, char delimiter) {
  std::vector<std::string> pieces;
  for (;;) {
    const std::size_t end = text.find(delimiter);
    pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

void run(const std::string& input) {
  std::vector<std::string> lines = split(input, '\n');
  lines.resize(std::max<std::size_t>(lines.size(), 3));
  VariableNames names;
  NoFiles files;
  PatternFiles pattern_files;
  Environment environment;
  environment.variables = &names;
  environment.files = &files;
  environment.pattern_files = &pattern_files;
  environment.hostname = "host";
  const Compiler compiler(environment);

  BufferPool pool;
  http::RequestHead request(pool);
  request.method_text = "GET";
  request.target = lines[2];
  for (std::size_t i = 3; i < lines.size(); ++i) request.add(http::FieldName::kOther, "x", lines[i]);
  Arena arena(pool);
  Arena values(pool);
  VariableStore transaction(VariableNames::kMostNames, values);
  const auto client = net::Address::parse("10.1.2.3", 1);
  SampleContext context;
  context.request = &request;
  context.client = &*client;
  context.variables[static_cast<std::size_t>(Scope::kTransaction)] = &transaction;
  const SampleContext nothing;

  const auto expression = compiler.expression(lines[0]);
  if (expression) {
    for (const SampleContext* seen : {static_cast<const SampleContext*>(&context), &nothing}) {
      const auto text = expression->text(*seen, arena);
      FUZZ_CHECK(!text || text->size() <= std::max(Sample::kMostText, input.size()));
    }
    Cursor cursor;
    std::size_t count = 0;
    do {
      Sample sample;
      (void)expression->next(context, arena, cursor, sample);
      FUZZ_CHECK(++count <= input.size() + 4);
    } while (cursor.more);
  } else {
    FUZZ_CHECK(expression.error().offset <= lines[0].size() && !expression.error().message.empty());
  }

  const auto format = compiler.format(lines[0]);
  if (format) {
    const std::string_view text = format->render(context, arena);
    FUZZ_CHECK(text.size() <= Sample::kMostText);
    (void)format->render(nothing, arena, Format::Use::kLog);
  } else {
    FUZZ_CHECK(format.error().offset <= lines[0].size() && !format.error().message.empty());
  }

  const std::vector<std::string> words = split(lines[1], ' ');
  const auto condition = compiler.condition(words);
  if (condition) {
    transaction.clear();
    const bool holds = condition->holds(context, arena);
    transaction.clear();
    FUZZ_CHECK(condition->holds(context, arena) == holds || lines[1].find("rand") != std::string::npos);
    (void)condition->holds(nothing, arena);
  } else {
    FUZZ_CHECK(condition.error().word < words.size() &&
               condition.error().offset <= words[condition.error().word].size());
  }
}

}  // namespace
}  // namespace reseal::rules::expression

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  reseal::rules::expression::run(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
