#include <array>
#include <chrono>

#include "lb/base/text.h"
#include "lb/config/schema_backend.h"

namespace reseal::config {
namespace {

constexpr int kMostClients = 10'000'000;

// ---- cookie

void read_cookie_name(ValueReader& reader, const YamlNode& node, const char* key, PersistenceCookie& cookie) {
  reader.token(node, key, cookie.name);
}

constexpr std::array<std::pair<const char*, SameSite>, 3> kSameSite = {
    {{"lax", SameSite::kLax}, {"strict", SameSite::kStrict}, {"none", SameSite::kNone}}};
constexpr std::array<std::pair<const char*, CookieSecure>, 3> kSecure = {
    {{"auto", CookieSecure::kAuto}, {"always", CookieSecure::kAlways}, {"never", CookieSecure::kNever}}};

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

void write_max_age(SectionWriter& writer, const char* key, const PersistenceCookie& cookie,
                   const PersistenceCookie&) {
  if (cookie.max_age) writer.duration(key, *cookie.max_age);
}

void read_key_file(ValueReader& reader, const YamlNode& node, const char* key, PersistenceCookie& cookie) {
  reader.path(node, key, cookie.key_file);
  cookie.key_file_place = node.place;
}

constexpr Key<PersistenceCookie> kCookieKeys[] = {
    {"name", read_cookie_name, "(required)", "SRV", write_text<&PersistenceCookie::name>},
    word_key<&PersistenceCookie::same_site, kSameSite>("same_site", "lax", "strict"),
    word_key<&PersistenceCookie::secure, kSecure>("secure", "auto", "always"),
    {"max_age", read_max_age, "(none)", "8h", write_max_age},
    {"key_file", read_key_file, "(none)", "secrets/cookie.key", write_text<&PersistenceCookie::key_file>},
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
    duration_key<&PersistenceTable::idle>("idle", "30m", "8h"),
    integer_key<&PersistenceTable::clients, 1, kMostClients>("clients", "100000", "1000000"),
};

constexpr Key<PersistenceTable> kHeaderKeys[] = {
    {"name", read_header_name, "(required)", "X-User", write_text<&PersistenceTable::header>},
    duration_key<&PersistenceTable::idle>("idle", "30m", "8h"),
    integer_key<&PersistenceTable::clients, 1, kMostClients>("clients", "100000", "1000000"),
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

void write_cookie(SectionWriter& writer, const char* key, const Persistence& persistence,
                  const Persistence&) {
  if (!persistence.cookie) return;
  writer.section(key, [&](SectionWriter& inner) {
    write_section<PersistenceCookie>(inner, kCookieKeys, *persistence.cookie, {});
  });
}
void write_source(SectionWriter& writer, const char* key, const Persistence& persistence,
                  const Persistence&) {
  if (!persistence.table || !persistence.table->header.empty()) return;
  writer.section(
      key,
      [&](SectionWriter& inner) {
        write_section<PersistenceTable>(inner, kSourceKeys, *persistence.table, {});
      },
      true);
}
void write_header(SectionWriter& writer, const char* key, const Persistence& persistence,
                  const Persistence&) {
  if (!persistence.table || persistence.table->header.empty()) return;
  writer.section(key, [&](SectionWriter& inner) {
    write_section<PersistenceTable>(inner, kHeaderKeys, *persistence.table, {});
  });
}

// ---- server_cookie

void read_server_cookie_name(ValueReader& reader, const YamlNode& node, const char* key,
                             ServerCookie& cookie) {
  reader.token(node, key, cookie.name);
}

constexpr std::array<std::pair<const char*, ServerCookieMode>, 4> kModes = {{
    {"passive", ServerCookieMode::kPassive},
    {"insert", ServerCookieMode::kInsert},
    {"rewrite", ServerCookieMode::kRewrite},
    {"prefix", ServerCookieMode::kPrefix},
}};

template <auto kMember>
void seconds_of(ValueReader& reader, const YamlNode& node, const char* key, ServerCookie& cookie) {
  Duration time{};
  reader.duration(node, key, time);
  cookie.*kMember = std::chrono::duration_cast<std::chrono::seconds>(time);
  if (time % 1s != Duration::zero())
    reader.error(node.place, std::string(key) + " is not in whole seconds, which is all a cookie can say");
}
template <auto kMember>
void write_seconds(SectionWriter& writer, const char* key, const ServerCookie& cookie,
                   const ServerCookie& usual) {
  if (cookie.*kMember != usual.*kMember) writer.duration(key, cookie.*kMember);
}

constexpr Key<ServerCookie> kServerCookieKeys[] = {
    {"name", read_server_cookie_name, "(required)", "SRV", write_text<&ServerCookie::name>},
    word_key<&ServerCookie::mode, kModes>("mode", "passive", "insert"),
    boolean_key<&ServerCookie::indirect>("indirect", "false", "true"),
    boolean_key<&ServerCookie::nocache>("nocache", "false", "true"),
    boolean_key<&ServerCookie::postonly>("postonly", "false", "true"),
    boolean_key<&ServerCookie::preserve>("preserve", "false", "true"),
    text_key<&ServerCookie::dynamic_key>("dynamic_key", "(none)", "\"a secret\""),
    text_key<&ServerCookie::attributes>("attributes", "(none)", "\"; domain=example.org; Secure\""),
    {"max_idle", seconds_of<&ServerCookie::max_idle>, "(for ever)", "30m",
     write_seconds<&ServerCookie::max_idle>},
    {"max_life", seconds_of<&ServerCookie::max_life>, "(for ever)", "8h",
     write_seconds<&ServerCookie::max_life>},
};

void read_server_cookie(ValueReader& reader, const YamlNode& node, const char* key,
                        Persistence& persistence) {
  ServerCookie& cookie = persistence.server_cookie.emplace();
  read_section<ServerCookie>(reader, node, key, kServerCookieKeys, cookie);
  if (node.is_map() && node.find("name") == nullptr)
    reader.error(node.place, std::string(key) + " has no name; add name: SRV");
}
void write_server_cookie(SectionWriter& writer, const char* key, const Persistence& persistence,
                         const Persistence&) {
  if (!persistence.server_cookie) return;
  writer.section(key, [&](SectionWriter& inner) {
    write_section<ServerCookie>(inner, kServerCookieKeys, *persistence.server_cookie, {});
  });
}

constexpr Key<Persistence> kPersistenceKeys[] = {
    {"cookie", read_cookie, "(none)", "{ name: SRV, max_age: 8h }", write_cookie},
    {"server_cookie", read_server_cookie, "(none)", "{ name: SRV, mode: insert, indirect: true }",
     write_server_cookie},
    {"source", read_source, "(none)", "{ idle: 8h }", write_source},
    {"header", read_header, "(none)", "X-User", write_header},
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

void write_persistence(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  if (!backend.persistence) return;
  writer.section(key, [&](SectionWriter& inner) {
    write_section<Persistence>(inner, kPersistenceKeys, *backend.persistence, {});
  });
}

void append_persistence_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Persistence>(all, prefix, kPersistenceKeys);
  append_keys<PersistenceCookie>(all, prefix + "cookie.", kCookieKeys);
  append_keys<ServerCookie>(all, prefix + "server_cookie.", kServerCookieKeys);
  append_keys<PersistenceTable>(all, prefix + "source.", kSourceKeys);
  append_keys<PersistenceTable>(all, prefix + "header.", kHeaderKeys);
}

}  // namespace reseal::config
