#include "lb/haproxy/translation.h"

#include <algorithm>
#include <map>
#include <set>

#include "lb/config/validation.h"
#include "lb/haproxy/finish.h"
#include "lb/haproxy/group_check.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/keywords.h"
#include "lb/haproxy/refused.h"
#include "lb/haproxy/resolvers_section.h"

namespace reseal::haproxy {
namespace {

bool is_proxy(SectionKind kind) {
  return kind == SectionKind::kFrontend || kind == SectionKind::kBackend || kind == SectionKind::kListen;
}

/// Kinds of sections whose absence changes nothing, as long as what would use them is told where it stands.
bool is_passed_over(SectionKind kind) {
  switch (kind) {
    case SectionKind::kMailers:
    case SectionKind::kCache:
    case SectionKind::kTraces:
      return true;
    default:
      return false;
  }
}

const char* why_passed_over(SectionKind kind) {
  switch (kind) {
    case SectionKind::kCache:
      return ": nothing is stored, servers are asked each time";
    case SectionKind::kMailers:
      return ": no mails are sent";
    default:
      return " yet";
  }
}

void read_lines(Translator& translator, const Section& section) {
  for (const Line& line : section.lines) read_line(translator, section, line);
}

/// A proxy and where in the model its number goes.
struct Numbered {
  int number;  // 0: the next that is free
  const Line* head;
  std::optional<std::size_t> frontend, backend;
};

struct Reader {
  Translator translator;
  const Source& source;
  std::map<std::size_t, Inherited> defaults;  // by their section's number
  config::Configuration configuration;
  std::vector<const Line*> heads;  // of the sections that the frontends were
  std::map<std::string, config::Mode> backend_modes;
  std::vector<Numbered> proxies;  // in the order of the file

  explicit Reader(const Source& from) : translator(from), source(from) {}

  [[nodiscard]] Inherited inherited_by(const Section& section) const {
    const auto found = section.defaults ? defaults.find(*section.defaults) : defaults.end();
    if (found != defaults.end()) return found->second;
    Inherited begun;
    const GlobalDraft& global = translator.global;
    config::ClientTls& tls = begun.default_server.tls_settings;
    tls.ciphers = global.server_ciphers;
    tls.ciphersuites = global.server_ciphersuites;
    tls.min_version = global.server_versions.least;
    tls.max_version = global.server_versions.most;
    tls.verify = global.verifies_servers;
    return begun;
  }

  void read(std::size_t number) {
    const Section& section = source.sections[number];
    if (section.kind == SectionKind::kGlobal) {
      translator.proxy = nullptr;
      read_lines(translator, section);
    } else if (section.kind == SectionKind::kDefaults) {
      ProxyDraft draft;
      static_cast<Inherited&>(draft) = inherited_by(section);
      translator.proxy = &draft;
      read_lines(translator, section);
      defaults[number] = draft;
    } else if (is_proxy(section.kind)) {
      read_proxy(section);
    } else if (section.kind == SectionKind::kUserlist) {
      config::UserList list = read_user_list(translator, section);
      // Of two with one name the first one holds, as was told.
      if (std::ranges::find(configuration.user_lists, list.name, &config::UserList::name) ==
          configuration.user_lists.end())
        configuration.user_lists.push_back(std::move(list));
    } else if (section.kind == SectionKind::kHttpErrors) {
      // Read before all others.
    } else if (section.kind == SectionKind::kResolvers) {
      configuration.resolvers.push_back(read_resolvers(translator, section));
    } else if (is_passed_over(section.kind)) {
      for (const Line& line : section.lines) {
        if (const auto problem = check_keyword(section, line))
          translator.report(line, problem->word, problem->severity, problem->message);
      }
      translator.notice(section.head, "the section '" + std::string(name_of(section.kind)) +
                                          "' has no effect" + why_passed_over(section.kind));
    } else if (const std::string_view why = why_refused(section.kind); !why.empty()) {
      translator.error(section.head, 0, "'" + std::string(name_of(section.kind)) + "': " + std::string(why));
    } else {
      translator.error(section.head, 0,
                       "sections of the kind '" + std::string(name_of(section.kind)) + "' are not there yet");
    }
  }

  void read_proxy(const Section& section) {
    ProxyDraft draft;
    static_cast<Inherited&>(draft) = inherited_by(section);
    draft.name = section.name;
    draft.place = translator.place_of(section.head, 1);
    draft.is_frontend = section.kind != SectionKind::kBackend;
    draft.is_backend = section.kind != SectionKind::kFrontend;
    translator.proxy = &draft;
    read_lines(translator, section);
    if (draft.disabled) {
      translator.notice(section.head, "'" + draft.name + "' is disabled: it neither listens nor serves");
      draft.binds.clear();
      draft.servers.clear();
    }
    if (draft.stick_table) take_table(*draft.stick_table, section);
    Numbered& numbered = proxies.emplace_back(Numbered{draft.number, &section.head, {}, {}});
    const bool listens = draft.is_frontend && !draft.binds.empty();
    if (draft.is_frontend && !listens && !draft.disabled && section.kind == SectionKind::kFrontend)
      translator.notice(section.head, "frontend '" + draft.name + "' has no 'bind': nothing comes to it");
    if (listens) {
      numbered.frontend = configuration.frontends.size();
      configuration.frontends.push_back(finish_frontend(translator, draft, section.head));
      heads.push_back(&section.head);
    }
    // A `listen` without servers of its own is a frontend.
    if (!draft.is_backend || (listens && draft.servers.empty())) return;
    numbered.backend = configuration.backends.size();
    configuration.backends.push_back(finish_backend(translator, draft, section.head));
    configuration.backends.back().may_be_empty = draft.servers.empty();
    if (draft.servers.empty() && !draft.stick_table && !draft.disabled)
      translator.notice(section.head,
                        "backend '" + draft.name + "' has no servers: nothing that comes to it is served");
    backend_modes[draft.name] = draft.mode;
  }

  /// Names of tables are those of sections, of which a frontend and a backend may have the same.
  void take_table(const config::StickTable& table, const Section& section) {
    const auto other = std::ranges::find(configuration.stick_tables, table.name, &config::StickTable::name);
    if (other != configuration.stick_tables.end()) {
      translator.error(section.head, 1,
                       "another section of the name '" + table.name +
                           "' has a stick table already, in line " + std::to_string(other->place.line));
      return;
    }
    configuration.stick_tables.push_back(table);
  }

  /// As HAProxy counts them: by their own `id`, otherwise on from 1, which the sockets of the runtime API take if there are any.
  void number_proxies() {
    std::set<int> taken;
    for (const Numbered& proxy : proxies) {
      if (proxy.number != 0 && !taken.insert(proxy.number).second)
        translator.error(*proxy.head, 1,
                         "the id " + std::to_string(proxy.number) + " is another proxy's already");
    }
    int next = translator.global.runtime_api.sockets.empty() ? 1 : 2;
    for (const Numbered& proxy : proxies) {
      while (proxy.number == 0 && taken.contains(next)) ++next;
      const int number = proxy.number != 0 ? proxy.number : next++;
      if (proxy.frontend) configuration.frontends[*proxy.frontend].number = number;
      if (proxy.backend) configuration.backends[*proxy.backend].number = number;
    }
  }

  /// HAProxy reads HTTP wherever either of the two says so, and refuses a frontend that does with a backend that does not.
  /// The same of backends that `use_backend` names.
  void compare_used(const config::Frontend& frontend) {
    for (const config::RuleLine& rule : frontend.rule_lines.use_backend) {
      const auto backend = backend_modes.find(rule.words.front());
      if (backend == backend_modes.end() || backend->second == frontend.mode) continue;
      const bool is_http = frontend.mode == config::Mode::kHttp;
      translator.problems.push_back(
          {config::Severity::kError,
           source.files[static_cast<std::size_t>(rule.places.front().file)].name,
           rule.places.front(),
           std::string(is_http ? "http" : "tcp") + " frontend '" + frontend.name + "' tries to use the " +
               (is_http ? "tcp" : "http") + " backend '" + backend->first +
               "' in a 'use_backend' rule, which is not there: both must have the same 'mode'",
           {}});
    }
  }

  /// Those that servers name. The section 'default' is there in any case, with the machine's own name servers.
  void check_resolvers() {
    const auto is_there = [&](const std::string& name) {
      return std::ranges::find(configuration.resolvers, name, &config::Resolvers::name) !=
             configuration.resolvers.end();
    };
    for (const config::Backend& backend : configuration.backends) {
      for (const config::Server& server : backend.servers) {
        const std::string& name = server.options.resolvers;
        if (name.empty() || is_there(name)) continue;
        if (name == "default") {
          configuration.resolvers.emplace_back().name = name;
        } else {
          translator.problems.push_back({config::Severity::kError,
                                         source.files[static_cast<std::size_t>(server.place.file)].name,
                                         server.place,
                                         "unable to find required resolvers '" + name + "'",
                                         {}});
        }
      }
    }
  }

  void compare_modes() {
    for (std::size_t i = 0; i < configuration.frontends.size(); ++i) {
      config::Frontend& frontend = configuration.frontends[i];
      compare_used(frontend);
      const auto backend = backend_modes.find(frontend.default_backend);
      if (backend == backend_modes.end() || backend->second == frontend.mode) continue;
      if (frontend.mode == config::Mode::kHttp) {
        translator.error(*heads[i], 1,
                         "http frontend '" + frontend.name + "' tries to use incompatible tcp backend '" +
                             backend->first + "' as its default backend (see 'mode').");
      } else {
        translator.error(*heads[i], 1,
                         "tcp frontend '" + frontend.name + "' has http backend '" + backend->first +
                             "', which is not there yet: say 'mode http' in it");
      }
    }
  }
};

/// Problems of the model as a whole, with the file that each is about. What is only to be known is a notice here, since a
/// valid file must not earn a warning; its advice is for YAML and left out.
void validate(const Source& source, const config::Configuration& configuration, Translator& translator) {
  config::ValueReader reader("");
  config::validate(reader, configuration);
  for (config::Problem& problem : reader.take_problems()) {
    if (const auto file = static_cast<std::size_t>(problem.place.file); file < source.files.size()) {
      problem.file = source.files[file].name;
    }
    if (problem.severity == config::Severity::kError) {
      translator.problems.push_back(std::move(problem));
    } else {
      translator.notices.push_back(
          {problem.file, problem.place, problem.message.substr(0, problem.message.find("; "))});
    }
  }
}

}  // namespace

Translated translate(const Source& source) {
  Translated result;
  result.problems = source.problems;
  result.notices = source.notices;
  Reader reader(source);
  // What names them may come before them.
  for (const Section& section : source.sections) {
    if (section.kind == SectionKind::kHttpErrors) read_error_group(reader.translator, section);
  }
  for (std::size_t number = 0; number < source.sections.size(); ++number) reader.read(number);
  reader.check_resolvers();
  reader.compare_modes();
  reader.number_proxies();
  check_groups(reader.translator, source);
  Translator& translator = reader.translator;
  config::Configuration& configuration = reader.configuration;
  configuration.file = source.files.empty() ? "" : source.files.front().name;
  configuration.workers = translator.global.threads;
  configuration.max_connections = translator.global.max_connections;
  configuration.process = translator.global.process;
  configuration.variables = translator.global.variables;
  // HAProxy waits without end where nothing is said.
  constexpr auto kNoLimit = std::chrono::hours(24 * 24);
  configuration.drain = translator.global.hard_stop_after.value_or(kNoLimit);
  configuration.admin.socket.clear();
  configuration.runtime_api = translator.global.runtime_api;
  configuration.node = translator.global.node;
  configuration.description = translator.global.description;
  if (!config::has_error(result.problems) && !config::has_error(translator.problems))
    validate(source, configuration, translator);
  result.problems.insert(result.problems.end(), translator.problems.begin(), translator.problems.end());
  result.notices.insert(result.notices.end(), translator.notices.begin(), translator.notices.end());
  if (translator.global.zero_warning && !result.problems.empty() && !config::has_error(result.problems)) {
    result.problems.push_back({config::Severity::kError,
                               result.problems.front().file,
                               result.problems.front().place,
                               "there are warnings, and with 'zero-warning' none may be",
                               {}});
  }
  if (!config::has_error(result.problems)) result.configuration = std::move(configuration);
  return result;
}

}  // namespace reseal::haproxy
