// A configuration of any text: never a crash, an exception or a hang; either a configuration or an error that
// tells where in the text it is.
#include <algorithm>
#include <cstdint>

#include "lb/config/config_error.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::config;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const LoadResult result = load_text(text, "fuzz.yaml", "/folder");
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  bool errors = false;
  for (const Problem& problem : result.problems) {
    errors = errors || problem.severity == Severity::kError;
    FUZZ_CHECK(!problem.message.empty());
    FUZZ_CHECK(problem.file == "fuzz.yaml");
    FUZZ_CHECK(problem.place.line >= 1 && static_cast<std::size_t>(problem.place.line) <= lines + 1);
    const std::string told = render(problem);
    FUZZ_CHECK(told.starts_with("fuzz.yaml:") && told.ends_with('\n'));
  }
  FUZZ_CHECK(result.configuration.has_value() == !errors);
  // The same text says the same: nothing is kept from one load to the next.
  const LoadResult again = load_text(text, "fuzz.yaml", "/folder");
  FUZZ_CHECK(again.configuration.has_value() == result.configuration.has_value());
  FUZZ_CHECK(again.problems.size() == result.problems.size());
  if (!result.configuration) return 0;
  // What was accepted refers to nothing that is not there.
  const Configuration& configuration = *result.configuration;
  const auto known = [&configuration](const std::string& name) {
    return std::any_of(configuration.backends.begin(), configuration.backends.end(),
                       [&name](const Backend& backend) { return backend.name == name; });
  };
  for (const Frontend& frontend : configuration.frontends) {
    FUZZ_CHECK(!frontend.binds.empty());
    for (const auto& rule : frontend.rules) FUZZ_CHECK(known(rule.use));
  }
  for (const Backend& backend : configuration.backends) FUZZ_CHECK(!backend.servers.empty());
  return 0;
}
