#include <algorithm>

#include "lb/config/did_you_mean.h"
#include "lb/haproxy/conditional_blocks.h"
#include "lb/haproxy/files.h"
#include "lb/haproxy/global_environment.h"
#include "lb/haproxy/section_heads.h"
#include "lb/haproxy/source.h"

namespace reseal::haproxy {
namespace {

using config::Severity;

constexpr std::size_t kMostProblems = 1000;
constexpr std::size_t kMostWordsInAll = 1'000'000;
constexpr std::size_t kMostWordBytes = 64 * 1024 * 1024;

/// Reads line by line, since a line may change the variables that the next one sees.
class Reader {
 public:
  Reader(Environment environment, const Abilities& abilities) : abilities_(abilities) {
    source_.environment = std::move(environment);
  }

  void add(config::Problem problem) {
    if (source_.problems.size() < kMostProblems) source_.problems.push_back(std::move(problem));
  }

  void read_file(File file) {
    source_.files.push_back(std::move(file));
    const std::size_t index = source_.files.size() - 1;
    const std::string_view text = source_.files.back().text;
    // Sections and blocks end with their file; the last `defaults` goes on to hold.
    blocks_ = {};
    section_.reset();
    told_out_of_section_ = false;
    environment().set(".FILE", source_.files.back().name);
    environment().set(".SECTION", "");
    std::size_t offset = 0;
    for (int number = 1; offset < text.size() && !full_; ++number) {
      const std::size_t end = std::min(text.find('\n', offset), text.size());
      read_line({index, offset, {number, 1}, {}}, text.substr(offset, end - offset));
      offset = end + 1;
    }
    report_unclosed(index);
  }

  Source take() {
    for (const char* name : {".FILE", ".LINE", ".SECTION"}) environment().unset(name);
    return std::move(source_);
  }

 private:
  Environment& environment() { return source_.environment; }

  void report(const Line& line, const Word* word, std::string message, Severity severity = Severity::kError) {
    add(problem_at(source_, line, word, severity, std::move(message)));
  }
  void report(const Line& line, LineError error) {
    add(problem_at(source_, line.file, line.offset, {line.place.line, error.column}, Severity::kError,
                   std::move(error.message)));
  }

  void read_line(Line line, std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.find('$') != std::string_view::npos) environment().set(".LINE", std::to_string(line.place.line));
    SplitLine split = split_words(text, environment());
    if (split.error)
      report(line, std::move(*split.error));
    else if (!split.words.empty() && counted(split.words))
      take_words(std::move(line), std::move(split.words));
  }

  /// Whether these words still fit in what is kept; the first that do not end the reading.
  bool counted(const std::vector<Word>& words) {
    words_ += words.size();
    for (const Word& word : words) word_bytes_ += word.text.size();
    full_ = words_ > kMostWordsInAll || word_bytes_ > kMostWordBytes;
    if (full_) {
      add({Severity::kError,
           source_.files.back().name,
           {},
           "the configuration is too large: more than 1,000,000 "
           "words or 64 MiB of them",
           {}});
    }
    return !full_;
  }

  void take_words(Line line, std::vector<Word> words) {
    line.words = std::move(words);
    line.place.column = line.words.front().column;
    const std::string_view first = line.words.front().text;
    // HAProxy does not see a line that begins with an empty word, nor one that names a scope ("[name]").
    if (first.empty()) return;
    if (first.front() == '.') return take_directive(line);
    if (!blocks_.active()) return;
    if (first.front() == '[') {
      if (first == "[") report(line, nullptr, "a scope needs a name: [NAME]");
      return;
    }
    if (const auto kind = section_kind(first)) return begin_section(*kind, std::move(line));
    if (!section_) return report_out_of_section(line);
    Section& section = source_.sections[*section_];
    if (section.kind == SectionKind::kGlobal) {
      if (auto problem = apply_to_environment(source_, line, environment())) add(std::move(*problem));
    }
    section.lines.push_back(std::move(line));
  }

  void begin_section(SectionKind kind, Line line) {
    const std::size_t before = source_.problems.size();
    heads_.begin(source_, kind, std::move(line));
    if (source_.problems.size() > kMostProblems) source_.problems.resize(std::max(before, kMostProblems));
    section_ = source_.sections.size() - 1;
    const Section& section = source_.sections.back();
    environment().set(".SECTION", section.name.empty() ? name_of(kind) : section.name);
  }

  /// The first of them is enough: what follows an unknown section's name is as lost as the name.
  void report_out_of_section(const Line& line) {
    if (told_out_of_section_) return;
    told_out_of_section_ = true;
    const std::string& word = line.words.front().text;
    report(line, nullptr,
           "unknown keyword '" + config::shortened(word) + "' outside of any section" +
               config::did_you_mean(word, section_names()));
  }

  void take_directive(const Line& line) {
    const std::string& name = line.words.front().text;
    if (name == ".if") return open_block(line);
    if (name == ".elif") return next_branch(line);
    if (name == ".else") return plain_directive(line, blocks_.otherwise());
    if (name == ".endif") return plain_directive(line, blocks_.close());
    if (!blocks_.active()) return;
    if (name == ".notice" || name == ".diag" || name == ".warning" || name == ".alert") return say(line);
    const std::vector<std::string> known{".if",     ".elif",    ".else",  ".endif",
                                         ".notice", ".warning", ".alert", ".diag"};
    const std::string near = config::did_you_mean(name, known);
    report(line, nullptr,
           "unknown directive '" + config::shortened(name) + "'" +
               (near.empty() ? "; accepted are " + config::one_of(known) : near));
  }

  void open_block(const Line& line) {
    const auto holds = blocks_.active() ? condition(line) : std::optional(false);
    tell(line, blocks_.open(line.place, holds.value_or(false)));
    if (!holds) blocks_.spoil();
  }

  void next_branch(const Line& line) {
    const auto holds = blocks_.elif_matters() ? condition(line) : std::optional(false);
    tell(line, blocks_.elif (holds.value_or(false)));
    if (!holds) blocks_.spoil();
  }

  void plain_directive(const Line& line, std::string problem) {
    tell(line, std::move(problem));
    if (line.words.size() > 1 && !line.words[1].text.empty()) {
      report(line, &line.words[1],
             "unexpected '" + config::shortened(line.words[1].text) + "' after '" + line.words.front().text +
                 "'");
    }
  }

  void tell(const Line& line, std::string problem) {
    if (!problem.empty()) report(line, nullptr, std::move(problem));
  }

  /// Nullopt if it cannot be understood, which is reported.
  std::optional<bool> condition(const Line& line) {
    auto holds = evaluate(std::span(line.words).subspan(1), environment(), abilities_);
    if (holds) return *holds;
    report(line, std::move(holds.error()));
    return std::nullopt;
  }

  void say(const Line& line) {
    const std::string& name = line.words.front().text;
    const std::string text = line.words.size() > 1 ? line.words[1].text : "";
    if (line.words.size() > 2 && !line.words[2].text.empty()) {
      return report(
          line, &line.words[2],
          "unexpected '" + config::shortened(line.words[2].text) + "'; a message with blanks needs quotes");
    }
    if (name == ".alert" || name == ".warning") {
      report(line, nullptr, text.empty() ? name + " without a message" : text,
             name == ".alert" ? Severity::kError : Severity::kWarning);
    } else if (source_.notices.size() < kMostProblems) {
      source_.notices.push_back({source_.files[line.file].name, line.place, text, name == ".diag"});
    }
  }

  void report_unclosed(std::size_t file) {
    const config::Place place = blocks_.unclosed();
    if (place.line == 0 || full_) return;
    const std::string_view text = source_.files[file].text;
    std::size_t offset = 0;
    for (int line = 1; line < place.line; ++line) offset = text.find('\n', offset) + 1;
    add(problem_at(source_, file, offset, place, Severity::kError, "this '.if' has no '.endif'"));
  }

  Source source_;
  const Abilities& abilities_;
  SectionHeads heads_;
  ConditionalBlocks blocks_;
  std::optional<std::size_t> section_;  // the one we are in
  bool told_out_of_section_ = false;
  bool full_ = false;
  std::size_t words_ = 0;
  std::size_t word_bytes_ = 0;
};

}  // namespace

Source read_files(const std::vector<std::string>& paths, Environment environment,
                  const Abilities& abilities) {
  LoadedFiles loaded = load(paths);
  std::string names;
  for (const File& file : loaded.files) names += (names.empty() ? "" : ";") + file.name;
  environment.set("HAPROXY_CFGFILES", names);
  Reader reader(std::move(environment), abilities);
  for (config::Problem& problem : loaded.problems) reader.add(std::move(problem));
  for (File& file : loaded.files) reader.read_file(std::move(file));
  return reader.take();
}

Source read_text(std::string_view text, std::string_view name, Environment environment,
                 const Abilities& abilities) {
  Reader reader(std::move(environment), abilities);
  reader.read_file({std::string(name), std::string(text)});
  return reader.take();
}

}  // namespace reseal::haproxy
