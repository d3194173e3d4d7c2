// Values out of YAML nodes: one function a type, each of which reports what it found and what it accepts. Collects the
// problems of a whole file. Control thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/config_error.h"
#include "lb/config/did_you_mean.h"
#include "lb/config/yaml_tree.h"

namespace reseal::config {

class ValueReader {
 public:
  /// `folder`: what relative paths start from.
  explicit ValueReader(std::string folder) : folder_(std::move(folder)) {}

  void error(Place place, std::string message) { report(Severity::kError, place, std::move(message)); }
  void warning(Place place, std::string message) { report(Severity::kWarning, place, std::move(message)); }
  [[nodiscard]] std::vector<Problem>& problems() { return problems_; }

  // Each leaves `out` as it is when the node does not fit.
  void text(const YamlNode& node, const char* key, std::string& out);
  void path(const YamlNode& node, const char* key, std::string& out);
  void boolean(const YamlNode& node, const char* key, bool& out);
  void integer(const YamlNode& node, const char* key, std::int64_t least, std::int64_t most, int& out);
  /// "500ms", "2s", "1m", "1h"; at least 1 ms, at most 24 days.
  void duration(const YamlNode& node, const char* key, Duration& out);
  /// "32KiB", "16k", "1MiB", plain bytes.
  void size(const YamlNode& node, const char* key, std::uint64_t least, std::uint64_t most, std::uint32_t& out);
  /// One of `words`; sets `out` to its value.
  template <class Value>
  void word(const YamlNode& node, const char* key, const std::vector<std::pair<std::string, Value>>& words, Value& out) {
    std::vector<std::string> accepted;
    for (const auto& [name, value] : words) {
      if (node.is_scalar() && node.text == name) {
        out = value;
        return;
      }
      accepted.push_back(name);
    }
    unknown_word(node, key, accepted);
  }
  /// One text or a list of texts.
  std::vector<const YamlNode*> text_or_list(const YamlNode& node, const char* key);
  /// True if it is a map; otherwise reports.
  bool is_map(const YamlNode& node, const std::string& what);

 private:
  void report(Severity severity, Place place, std::string message);
  void unknown_word(const YamlNode& node, const char* key, const std::vector<std::string>& accepted);
  void wrong(const YamlNode& node, const char* key, const std::string& accepted);

  std::string folder_;
  std::vector<Problem> problems_;
};

/// One key of a section: its name, how it is read, and what is said of it in `docs/configuration.md`'s test.
template <class Section>
struct Key {
  const char* name;
  void (*read)(ValueReader& reader, const YamlNode& node, Section& section);
};

template <class Section>
std::vector<std::string> key_names(std::span<const Key<Section>> keys) {
  std::vector<std::string> names;
  for (const auto& key : keys) names.emplace_back(key.name);
  return names;
}

/// Reads a map by its table of keys; an unknown key is an error that names the nearest known one and all that are
/// accepted. `what` names the section in messages ("backend 'web'").
template <class Section>
void read_section(ValueReader& reader, const YamlNode& node, const std::string& what, std::span<const Key<Section>> keys,
                  Section& section) {
  if (!reader.is_map(node, what)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    const Key<Section>* known = nullptr;
    for (const auto& key : keys) {
      if (entry.key == key.name) known = &key;
    }
    if (known != nullptr) {
      known->read(reader, *entry.value, section);
      continue;
    }
    const auto names = key_names(keys);
    reader.error(entry.key_place, "unknown key '" + entry.key + "' in " + what + did_you_mean(entry.key, names) +
                                      " (accepted here: " + one_of(names) + ")");
  }
}

}  // namespace reseal::config
