// What reseal's reader sees in a haproxy.cfg, as JSON: for the comparison with HAProxy's own view.
//
//   haproxy_source FILE|FOLDER ...      sections, problems and notices
//   haproxy_source -cc CONDITION        exit 0 when it holds, 1 when not, 2 when it is none
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

#include "lb/haproxy/source.h"

extern char** environ;

int main(int argc, char** argv) {
  using namespace reseal::haproxy;
  using nlohmann::json;
  Environment environment(environ);
  define_predefined(environment, "local");
  const Abilities abilities = own_abilities("OpenSSL 3.0.19");
  if (argc == 3 && std::strcmp(argv[1], "-cc") == 0) {
    const auto holds = evaluate_argument(argv[2], environment, abilities);
    if (!holds) return 2;
    return *holds ? 0 : 1;
  }
  const Source source = read_files({argv + 1, argv + argc}, environment, abilities);
  json out{{"sections", json::array()}, {"problems", json::array()}, {"notices", json::array()}};
  const auto words_of = [&source](const Line& line) {
    json words = json::array();
    for (const Word& word : line.words) words.push_back(word.text);
    return json{{"file", source.files[line.file].name}, {"line", line.place.line}, {"words", words}};
  };
  for (const Section& section : source.sections) {
    json lines = json::array();
    for (const Line& line : section.lines) lines.push_back(words_of(line));
    out["sections"].push_back({{"kind", name_of(section.kind)},
                               {"name", section.name},
                               {"head", words_of(section.head)},
                               {"lines", lines}});
  }
  for (const auto& problem : source.problems) {
    out["problems"].push_back({{"error", problem.severity == reseal::config::Severity::kError},
                               {"file", problem.file},
                               {"line", problem.place.line},
                               {"column", problem.place.column},
                               {"message", problem.message}});
  }
  for (const Notice& notice : source.notices) {
    out["notices"].push_back({{"file", notice.file},
                              {"line", notice.place.line},
                              {"text", notice.text},
                              {"diagnostic", notice.diagnostic}});
  }
  std::cout << out.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
}
