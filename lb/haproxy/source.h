// HAProxy's configuration files as what they are made of: sections of lines of words, conditionals and
// variables resolved. What the words mean is not known here. Plain values; any thread once read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/config/config_error.h"
#include "lb/haproxy/condition.h"
#include "lb/haproxy/environment.h"
#include "lb/haproxy/words.h"

namespace reseal::haproxy {

enum class SectionKind : std::uint8_t {
  kGlobal,
  kDefaults,
  kFrontend,
  kBackend,
  kListen,
  kResolvers,
  kUserlist,
  kPeers,
  kMailers,
  kHttpErrors,
  kCache,
  kRing,
  kLogForward,
  kLogProfile,
  kProgram,
  kFcgiApp,
  kCrtStore,
  kTraces,
  kAcme
};

/// As written: "http-errors".
std::string_view name_of(SectionKind kind);
std::optional<SectionKind> section_kind(std::string_view word);
std::vector<std::string> section_names();

struct File {
  std::string name;  ///< as the problems show it
  std::string text;
};

struct Line {
  std::size_t file = 0;     ///< in Source::files
  std::size_t offset = 0;   ///< where the line begins in the file's text
  config::Place place;      ///< of the first word
  std::vector<Word> words;  ///< never empty
};

struct Section {
  SectionKind kind = SectionKind::kGlobal;
  std::string name;  ///< empty for kinds without one and for an anonymous `defaults`
  Line head;         ///< "frontend web from common"
  /// frontend, backend, listen: the `defaults` section that holds here, an index of Source::sections.
  /// HAProxy's rule: the one named by `from`, otherwise the last one before it, with a name or without.
  /// `defaults` itself starts from the one that its `from` names, otherwise from nothing.
  std::optional<std::size_t> defaults;
  std::vector<Line> lines;
};

/// What `.notice` and `.diag` say: nothing that is wrong.
struct Notice {
  std::string file;
  config::Place place;
  std::string text;
  bool diagnostic = false;  ///< shown with -dD only
};

struct Source {
  std::vector<File> files;
  std::vector<Section> sections;          ///< in order; several `global` sections stay several
  std::vector<config::Problem> problems;  ///< errors and warnings, in the order they were found
  std::vector<Notice> notices;
  Environment environment;  ///< as it is after the last line
};

/// A problem at a word of a line (the first one without `word`), with the file's name and the line's text.
config::Problem problem_at(const Source& source, const Line& line, const Word* word,
                           config::Severity severity, std::string message);

/// The same for a place that no word stands at: `offset` is where its line begins in the file's text.
config::Problem problem_at(const Source& source, std::size_t file, std::size_t offset, config::Place place,
                           config::Severity severity, std::string message);

/// Reads files, and of folders all that end in ".cfg" and do not begin with a dot, in lexical order. Never
/// throws. Bounded: a file has at most 8 MiB, all of them 32 MiB, 1,000 files, 1,000,000 words, 64 MiB of
/// them after replacing variables; 1,000 problems are told.
Source read_files(const std::vector<std::string>& paths, Environment environment, const Abilities& abilities);

/// The same from text, for tests and the fuzzer.
Source read_text(std::string_view text, std::string_view name, Environment environment,
                 const Abilities& abilities);

/// Gives problems found later their file's name and the line they are about, and sorts all by their places.
void show_lines(const std::vector<File>& files, std::vector<config::Problem>& problems);

}  // namespace reseal::haproxy
