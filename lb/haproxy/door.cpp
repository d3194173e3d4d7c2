#include "lb/haproxy/door.h"

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

}  // namespace

config::Door door(DoorSettings settings) {
  const std::string name = settings.paths.empty() ? "" : settings.paths.front();
  const auto state = std::make_shared<State>(State{std::move(settings), {}});
  return {name, [state] { return load(*state); },
          [state](std::vector<config::Problem>& problems) { haproxy::show_lines(state->files, problems); },
          config::render};
}

}  // namespace reseal::haproxy
