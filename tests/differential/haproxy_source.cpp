// What reseal's reader sees in a haproxy.cfg, as JSON: for the comparison with HAProxy's own view.
//
//   haproxy_source FILE|FOLDER ...      sections, problems and notices
//   haproxy_source -cc CONDITION        exit 0 when it holds, 1 when not, 2 when it is none
//   haproxy_source -words               the words it knows, by vocabulary
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

#include "lb/haproxy/keywords.h"

extern char** environ;

namespace {

using namespace reseal::haproxy;
using nlohmann::json;

json words_known() {
  const std::pair<const char*, Vocabulary> shown[] = {
      {"proxy", Vocabulary::kProxy},         {"bind", Vocabulary::kBind},    {"server", Vocabulary::kServer},
      {"crt-list", Vocabulary::kCrtList},    {"fetch", Vocabulary::kFetch},  {"acl", Vocabulary::kAclFetch},
      {"converter", Vocabulary::kConverter}, {"filter", Vocabulary::kFilter}};
  json out;
  for (const auto& [name, vocabulary] : shown) {
    out[name] = json::object();
    for (const Keyword& keyword : keywords(vocabulary))
      out[name][std::string(keyword.name)] = keyword.arguments;
  }
  return out;
}

json lines_of(const Section& section) {
  json lines = json::array();
  for (const Line& line : section.lines) {
    json words = json::array();
    for (const Word& word : line.words) words.push_back(word.text);
    const auto problem = check_keyword(section, line);
    lines.push_back({{"line", line.place.line},
                     {"words", words},
                     {"problem", problem ? problem->message : ""},
                     {"error", problem && problem->severity == reseal::config::Severity::kError}});
  }
  return lines;
}

json seen(const Source& source) {
  json out{{"sections", json::array()}, {"problems", json::array()}, {"notices", json::array()}};
  for (const Section& section : source.sections) {
    out["sections"].push_back(
        {{"kind", name_of(section.kind)}, {"name", section.name}, {"lines", lines_of(section)}});
  }
  for (const auto& problem : source.problems) {
    out["problems"].push_back({{"error", problem.severity == reseal::config::Severity::kError},
                               {"line", problem.place.line},
                               {"message", problem.message}});
  }
  for (const Notice& notice : source.notices) {
    out["notices"].push_back({{"line", notice.place.line}, {"text", notice.text}});
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  Environment environment(environ);
  define_predefined(environment, "local");
  const Abilities abilities = own_abilities("OpenSSL 3.0.19");
  json out;
  if (argc == 3 && std::strcmp(argv[1], "-cc") == 0) {
    const auto holds = evaluate_argument(argv[2], environment, abilities);
    if (!holds) return 2;
    return *holds ? 0 : 1;
  }
  if (argc == 2 && std::strcmp(argv[1], "-words") == 0) {
    out = words_known();
  } else {
    out = seen(read_files({argv + 1, argv + argc}, environment, abilities));
  }
  std::cout << out.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
}
