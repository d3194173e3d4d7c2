// A section of the configuration as a table, one row a key: how a map is read by it and written, and what the rows say of
// themselves. The tables are in schema*.cpp; what the keys mean is in docs/configuration.md.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
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

// Readers of rows that only fill one member.
template <auto kMember, class Section>
void text_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  reader.text(node, key, section.*kMember);
}
template <auto kMember, class Section>
void duration_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  reader.duration(node, key, section.*kMember);
}
template <auto kMember, class Section>
void boolean_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  reader.boolean(node, key, section.*kMember);
}
template <auto kMember, int kLeast, int kMost, class Section>
void integer_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  reader.integer(node, key, kLeast, kMost, section.*kMember);
}


// Their writers.
template <auto kMember, class Section>
void write_text(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember != usual.*kMember) writer.text(key, section.*kMember);
}
template <auto kMember, class Section>
void write_duration(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember != usual.*kMember) writer.duration(key, section.*kMember);
}
template <auto kMember, class Section>
void write_boolean(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember != usual.*kMember) writer.boolean(key, section.*kMember);
}
template <auto kMember, class Section>
void write_number(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember != usual.*kMember) writer.number(key, section.*kMember);
}
template <auto kMember, class Section>
void write_size(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember != usual.*kMember) writer.size(key, section.*kMember);
}
template <auto kMember, class Section>
void write_percent(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember != usual.*kMember) writer.percent(key, section.*kMember);
}
template <auto kMember, class Section>
void write_texts(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember != usual.*kMember) writer.texts(key, section.*kMember);
}
/// The word of a value; `kWords` is a table of pairs.
template <auto kMember, const auto& kWords, class Section>
void write_word(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  if (section.*kMember == usual.*kMember) return;
  for (const auto& [name, value] : kWords) {
    if (value == section.*kMember) return writer.text(key, name);
  }
}

// Rows of one member: both directions.
template <class Member>
struct MemberOf;
template <class Owner, class Value>
struct MemberOf<Value Owner::*> {
  using Section = Owner;
};
template <auto kMember>
using SectionOf = typename MemberOf<decltype(kMember)>::Section;

template <auto kMember, class Section = SectionOf<kMember>>
constexpr Key<Section> text_key(const char* name, const char* usual, const char* example) {
  return {name, text_of<kMember, Section>, usual, example, write_text<kMember, Section>};
}
template <auto kMember, class Section = SectionOf<kMember>>
constexpr Key<Section> duration_key(const char* name, const char* usual, const char* example) {
  return {name, duration_of<kMember, Section>, usual, example, write_duration<kMember, Section>};
}
template <auto kMember, class Section = SectionOf<kMember>>
constexpr Key<Section> boolean_key(const char* name, const char* usual, const char* example) {
  return {name, boolean_of<kMember, Section>, usual, example, write_boolean<kMember, Section>};
}
template <auto kMember, int kLeast, int kMost, class Section = SectionOf<kMember>>
constexpr Key<Section> integer_key(const char* name, const char* usual, const char* example) {
  return {name, integer_of<kMember, kLeast, kMost, Section>, usual, example, write_number<kMember, Section>};
}
template <auto kMember, const auto& kWords, class Section>
void word_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  reader.word(node, key, kWords, section.*kMember);
}
template <auto kMember, const auto& kWords, class Section = SectionOf<kMember>>
constexpr Key<Section> word_key(const char* name, const char* usual, const char* example) {
  return {name, word_of<kMember, kWords, Section>, usual, example, write_word<kMember, kWords, Section>};
}

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

/// A row whose value is a map by a table of its own.
template <auto kMember, const auto& kKeys, class Section>
void section_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  using Inner = std::remove_reference_t<decltype(section.*kMember)>;
  if constexpr (requires { (section.*kMember).place; }) (section.*kMember).place = node.place;
  read_section<Inner>(reader, node, key, kKeys, section.*kMember);
}
template <auto kMember, const auto& kKeys, class Section>
void write_inner(SectionWriter& writer, const char* key, const Section& section, const Section& usual) {
  using Inner = std::remove_cvref_t<decltype(section.*kMember)>;
  writer.section(key, [&](SectionWriter& inner) {
    write_section<Inner>(inner, kKeys, section.*kMember, usual.*kMember);
  });
}
template <auto kMember, const auto& kKeys, class Section = SectionOf<kMember>>
constexpr Key<Section> section_key(const char* name, const char* usual, const char* example) {
  return {name, section_of<kMember, kKeys, Section>, usual, example, write_inner<kMember, kKeys, Section>};
}

/// The same where it need not be there: a map without keys is one that is.
template <auto kMember, const auto& kKeys, class Section>
void optional_section_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  using Inner = typename std::remove_reference_t<decltype(section.*kMember)>::value_type;
  Inner inner;
  if constexpr (requires { inner.place; }) inner.place = node.place;
  read_section<Inner>(reader, node, key, kKeys, inner);
  section.*kMember = std::move(inner);
}
template <auto kMember, const auto& kKeys, class Section>
void write_optional_inner(SectionWriter& writer, const char* key, const Section& section, const Section&) {
  using Inner = typename std::remove_cvref_t<decltype(section.*kMember)>::value_type;
  if (!(section.*kMember)) return;
  writer.section(
      key, [&](SectionWriter& inner) { write_section<Inner>(inner, kKeys, *(section.*kMember), Inner()); },
      true);
}
template <auto kMember, const auto& kKeys, class Section = SectionOf<kMember>>
constexpr Key<Section> optional_section_key(const char* name, const char* usual, const char* example) {
  return {name, optional_section_of<kMember, kKeys, Section>, usual, example,
          write_optional_inner<kMember, kKeys, Section>};
}

/// Adds each row of a table with its full name.
template <class Section>
void append_keys(std::vector<KeyReference>& all, const std::string& prefix,
                 std::span<const Key<Section>> keys) {
  for (const auto& key : keys) 
    all.push_back({prefix + key.name, key.default_text, key.example, key.write != nullptr});
}

}  // namespace reseal::config
