// A section of the configuration as a table, one row a key: how a map is read by it and written, and what the rows say of
// themselves. The tables are in schema*.cpp; what the keys mean is in docs/configuration.md.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "lb/config/reference.h"
#include "lb/config/section_writer.h"
#include "lb/config/value_reader.h"

namespace reseal::config {

template <class Section>
struct Key {
  const char* name;
  void (*read)(ValueReader& reader, const YamlNode& node, const char* key, Section& section);
  const char* default_text;  ///< as it would be written, or in words between '(' and ')'
  const char* example;       ///< as it would be written
  /// Writes the key if what it says differs from `usual`, which is what a section without it is read as. None: the model's
  /// value is another key's to write.
  void (*write)(SectionWriter& writer, const char* key, const Section& section,
                const Section& usual) = nullptr;
};

/// One table behind the other.
template <class Section, std::size_t kFirst, std::size_t kSecond>
constexpr std::array<Key<Section>, kFirst + kSecond> joined(const Key<Section> (&first)[kFirst],
                                                            const Key<Section> (&second)[kSecond]) {
  std::array<Key<Section>, kFirst + kSecond> all{};
  std::copy(std::begin(first), std::end(first), all.begin());
  std::copy(std::begin(second), std::end(second), all.begin() + kFirst);
  return all;
}

template <class Section>
std::vector<std::string> key_names(std::span<const Key<Section>> keys) {
  std::vector<std::string> names;
  for (const auto& key : keys) names.emplace_back(key.name);
  return names;
}

/// Reads a map by its table of keys; an unknown key is an error that names the nearest known one and all that
/// are accepted. `what` names the section in messages ("backend 'web'").
template <class Section>
void read_section(ValueReader& reader, const YamlNode& node, const std::string& what,
                  std::span<const Key<Section>> keys, Section& section) {
  if (!reader.is_map(node, what)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    const Key<Section>* known = nullptr;
    for (const auto& key : keys) {
      if (entry.key == key.name) known = &key;
    }
    if (known != nullptr) {
      known->read(reader, *entry.value, known->name, section);
      continue;
    }
    const auto names = reader.is_full() ? std::vector<std::string>{} : key_names(keys);
    reader.error(entry.key_place, "unknown key '" + shortened(entry.key) + "' in " + what +
                                      did_you_mean(entry.key, names) + " (accepted here: " + one_of(names) +
                                      ")");
  }
}

/// What a section says that differs from `usual`.
template <class Section>
void write_section(SectionWriter& writer, std::span<const Key<Section>> keys, const Section& section,
                   const Section& usual) {
  for (const auto& key : keys) {
    if (key.write != nullptr) key.write(writer, key.name, section, usual);
  }
}

/// Adds each row of a table with its full name.
template <class Section>
void append_keys(std::vector<KeyReference>& all, const std::string& prefix,
                 std::span<const Key<Section>> keys) {
  for (const auto& key : keys)
    all.push_back({prefix + key.name, key.default_text, key.example, key.write != nullptr});
}

}  // namespace reseal::config
