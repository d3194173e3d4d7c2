#include "lb/haproxy/door.h"

#include <algorithm>
#include <memory>

namespace reseal::haproxy {
namespace {

/// What a door remembers of its last load: the texts that later problems are about.
struct State {
  DoorSettings settings;
  std::vector<File> files;
};

config::LoadResult load(State& state) {
  const DoorSettings& settings = state.settings;
  Source source = read_files(settings.paths, settings.environment, settings.abilities);
  Translated translated = translate(source);
  state.files = std::move(source.files);
  for (const Notice& notice : translated.notices) settings.on_notice(notice);
  if (settings.serves && translated.configuration && translated.configuration->frontends.empty()) {
    translated.problems.push_back(
        {config::Severity::kError, "", {}, "no 'bind' in any proxy: nothing would be served", {}});
    translated.configuration.reset();
  }
  return {std::move(translated.configuration), std::move(translated.problems)};
}

std::string line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

void show_lines(const State& state, std::vector<config::Problem>& problems) {
  for (config::Problem& problem : problems) {
    const auto number = static_cast<std::size_t>(problem.place.file);
    if (problem.place.line == 0 || number >= state.files.size() || !problem.line_text.empty()) continue;
    problem.file = state.files[number].name;
    problem.line_text = line_of(state.files[number].text, problem.place.line);
  }
  std::ranges::stable_sort(problems, {}, [](const config::Problem& problem) {
    return std::pair(problem.place.file, problem.place);
  });
}

}  // namespace

config::Door door(DoorSettings settings) {
  const std::string name = settings.paths.empty() ? "" : settings.paths.front();
  const auto state = std::make_shared<State>(State{std::move(settings), {}});
  return {name, [state] { return load(*state); },
          [state](std::vector<config::Problem>& problems) { show_lines(*state, problems); }, config::render};
}

}  // namespace reseal::haproxy
