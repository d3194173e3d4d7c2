// The line that begins a section: what it must be, and which `defaults` holds for what follows. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lb/haproxy/source.h"

namespace reseal::haproxy {

/// Knows the sections there were. One object a reading of all files.
class SectionHeads {
 public:
  /// Appends the section that `head` begins to source.sections, whatever is wrong with it, so that its lines
  /// have a place; problems go to source.problems.
  void begin(Source& source, SectionKind kind, Line head);

 private:
  struct Uses {
    bool named = false;    // by `from`
    bool implied = false;  // by being the last one
    bool warned = false;
  };

  void read_words(Source& source, Section& section);
  void read_extra_words(Source& source, const Section& section, std::size_t next);
  void check_name(Source& source, const Section& section);
  void check_unique(Source& source, const Section& section);
  void choose_defaults(Source& source, Section& section, const Word* from);
  std::optional<std::size_t> named_defaults(Source& source, const Section& section, const Word& from);

  std::map<std::pair<std::string_view, std::string>, std::size_t> names_;  // (name space, name): the section
  std::map<std::string, std::vector<std::size_t>, std::less<>> defaults_by_name_;
  std::map<std::size_t, Uses> uses_;
  std::optional<std::size_t> last_defaults_;
};

}  // namespace reseal::haproxy
