// tls: of frontends and backends alike.
#pragma once

#include <span>
#include <string>

#include "lb/config/section_keys.h"

namespace reseal::config {

void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version);
template <auto kMember, class Tls>
void tls_version_of(ValueReader& reader, const YamlNode& node, const char* key, Tls& tls) {
  read_tls_version(reader, node, key, tls.*kMember);
}
template <auto kMember, class Tls>
void write_tls_version(SectionWriter& writer, const char* key, const Tls& tls, const Tls& usual) {
  if (tls.*kMember != usual.*kMember) writer.text(key, tls.*kMember == TlsVersion::kTls12 ? "1.2" : "1.3");
}
template <auto kMember, class Tls>
constexpr Key<Tls> tls_version_key(const char* name, const char* usual, const char* example) {
  return {name, tls_version_of<kMember, Tls>, usual, example, write_tls_version<kMember, Tls>};
}

/// The section by its table, and that the two versions it names are in order.
template <class Tls>
Tls read_tls_section(ValueReader& reader, const YamlNode& node, const std::string& owner,
                     std::span<const Key<Tls>> keys) {
  Tls tls;
  tls.place = node.place;
  read_section<Tls>(reader, node, "tls of " + owner, keys, tls);
  if (tls.min_version > tls.max_version) reader.error(node.place, "min_version is above max_version");
  return tls;
}

}  // namespace reseal::config
