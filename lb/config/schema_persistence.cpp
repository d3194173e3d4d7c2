#include "lb/base/text.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

constexpr int kMostClients = 10'000'000;

// ---- cookie

void read_cookie_name(ValueReader& reader, const YamlNode& node, const char* key, PersistenceCookie& cookie) {
  reader.token(node, key, cookie.name);
}

void read_same_site(ValueReader& reader, const YamlNode& node, const char* key, PersistenceCookie& cookie) {
  reader.word<SameSite>(node, key,
                        {{"lax", SameSite::kLax}, {"strict", SameSite::kStrict}, {"none", SameSite::kNone}},
                        cookie.same_site);
}

void read_secure(ValueReader& reader, const YamlNode& node, const char* key, PersistenceCookie& cookie) {
  reader.word<CookieSecure>(
      node, key,
      {{"auto", CookieSecure::kAuto}, {"always", CookieSecure::kAlways}, {"never", CookieSecure::kNever}},
      cookie.secure);
}

void read_max_age(ValueReader& reader, const YamlNode& node, const char* key, PersistenceCookie& cookie) {
  Duration age{};
  reader.duration(node, key, age);
  if (age == Duration::zero()) return;  // reported
  if (age % 1s == Duration::zero()) {
    cookie.max_age = age;
  } else {
    reader.error(node.place, std::string(key) + " is not in whole seconds, which is all a cookie can say");
  }
}

void read_key_file(ValueReader& reader, const YamlNode& node, const char* key, PersistenceCookie& cookie) {
  reader.path(node, key, cookie.key_file);
  cookie.key_file_place = node.place;
}

constexpr Key<PersistenceCookie> kCookieKeys[] = {
    {"name", read_cookie_name, "(required)", "SRV"},
    {"same_site", read_same_site, "lax", "strict"},
    {"secure", read_secure, "auto", "always"},
    {"max_age", read_max_age, "(none)", "8h"},
    {"key_file", read_key_file, "(none)", "secrets/cookie.key"},
};

/// What browsers would throw away without a word.
void check_cookie(ValueReader& reader, Place place, const PersistenceCookie& cookie) {
  if (cookie.secure != CookieSecure::kNever) return;
  if (cookie.same_site == SameSite::kNone) {
    reader.error(place, "browsers take no cookie with same_site: none and secure: never; secure: always");
  }
  if (cookie.name.starts_with("__Host-") || cookie.name.starts_with("__Secure-")) {
    reader.error(place, "browsers take no cookie named '" + shortened(cookie.name) +
                            "' with secure: never; choose another name, or secure: always");
  }
}

void read_cookie(ValueReader& reader, const YamlNode& node, const char* key, Persistence& persistence) {
  PersistenceCookie cookie;
  if (node.is_map()) {
    read_section<PersistenceCookie>(reader, node, key, kCookieKeys, cookie);
    if (node.find("name") == nullptr) reader.error(node.place, "cookie has no name; add name: SRV");
    check_cookie(reader, node.place, cookie);
  } else {
    reader.token(node, key, cookie.name);
  }
  persistence.cookie = std::move(cookie);
}

// ---- table

void read_header_name(ValueReader& reader, const YamlNode& node, const char* key, PersistenceTable& table) {
  reader.token(node, key, table.header);
  table.header = lowered(table.header);
}

constexpr Key<PersistenceTable> kSourceKeys[] = {
    {"idle", duration_of<&PersistenceTable::idle>, "30m", "8h"},
    {"clients", integer_of<&PersistenceTable::clients, 1, kMostClients>, "100000", "1000000"},
};

constexpr Key<PersistenceTable> kHeaderKeys[] = {
    {"name", read_header_name, "(required)", "X-User"},
    {"idle", duration_of<&PersistenceTable::idle>, "30m", "8h"},
    {"clients", integer_of<&PersistenceTable::clients, 1, kMostClients>, "100000", "1000000"},
};

void read_source(ValueReader& reader, const YamlNode& node, const char* key, Persistence& persistence) {
  PersistenceTable table;
  read_section<PersistenceTable>(reader, node, key, kSourceKeys, table);
  persistence.table = std::move(table);
}

void read_header(ValueReader& reader, const YamlNode& node, const char* key, Persistence& persistence) {
  PersistenceTable table;
  if (node.is_map()) {
    read_section<PersistenceTable>(reader, node, key, kHeaderKeys, table);
    if (node.find("name") == nullptr) reader.error(node.place, "header has no name; add name: X-User");
  } else {
    read_header_name(reader, node, key, table);
  }
  persistence.table = std::move(table);
}

constexpr Key<Persistence> kPersistenceKeys[] = {
    {"cookie", read_cookie, "(none)", "{ name: SRV, max_age: 8h }"},
    {"source", read_source, "(none)", "{ idle: 8h }"},
    {"header", read_header, "(none)", "X-User"},
};

constexpr const char* kHelp =
    "source, or one of { cookie: NAME }, { source: { idle: 1h } }, { header: NAME }";

}  // namespace

void read_persistence(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  Persistence persistence;
  persistence.place = node.place;
  if (node.is_scalar() && node.text == "source") {
    persistence.table.emplace();
  } else if (node.is_map() && node.entries.size() == 1) {
    read_section<Persistence>(reader, node, "persistence of backend '" + backend.name + "'", kPersistenceKeys,
                              persistence);
  } else {
    const std::string found =
        node.is_map() ? " has " + std::to_string(node.entries.size()) + " keys" : " is " + shown(node);
    reader.error(node.place, std::string(key) + found + " (accepted: " + kHelp + ")");
    return;
  }
  backend.persistence = std::move(persistence);
}

void append_persistence_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Persistence>(all, prefix, kPersistenceKeys);
  append_keys<PersistenceCookie>(all, prefix + "cookie.", kCookieKeys);
  append_keys<PersistenceTable>(all, prefix + "source.", kSourceKeys);
  append_keys<PersistenceTable>(all, prefix + "header.", kHeaderKeys);
}

}  // namespace reseal::config
