// Rows of the tables of section.h that fill one member: made in one call, they read and write alike.
#pragma once

#include <type_traits>
#include <utility>

#include "lb/config/section.h"

namespace reseal::config {

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

// Rows whose value is a section itself.

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

}  // namespace reseal::config
