// balance: of a backend: one word, or a map of what it takes to say.
#include <array>

#include "lb/base/text.h"
#include "lb/config/schema_backend.h"

namespace reseal::config {
namespace {

constexpr const char* kHelp =
    "round_robin, least_connections, random_of_two, first, { hash: source } or { hash: { header: NAME } }";
constexpr int kMostDraws = 1000;
constexpr int kMostLength = 1'000'000'000;

constexpr std::array<std::pair<const char*, BalanceKind>, 4> kWords = {{
    {"round_robin", BalanceKind::kRoundRobin},
    {"least_connections", BalanceKind::kLeastConnections},
    {"random_of_two", BalanceKind::kRandomOfTwo},
    {"first", BalanceKind::kFirst},
}};

/// What a hash is of: `balance_hash` of the backend is the expression, if it is one.
struct HashSection : Balance {
  bool source = false;
  bool uri = false;
  std::string expression;
  Place expression_place;
};

// ---- hash

void read_header(ValueReader& reader, const YamlNode& node, const char* key, HashSection& hash) {
  hash.kind = BalanceKind::kHashHeader;
  reader.token(node, key, hash.header);
  hash.header = lowered(hash.header);
}
void read_source(ValueReader& reader, const YamlNode& node, const char* key, HashSection& hash) {
  reader.word<bool>(node, key, {{"true", true}}, hash.source);
  hash.kind = BalanceKind::kHashSource;
}
void read_uri(ValueReader& reader, const YamlNode& node, const char* key, HashSection& hash) {
  reader.word<bool>(node, key, {{"true", true}}, hash.uri);
  hash.kind = BalanceKind::kHashUri;
}
void read_parameter(ValueReader& reader, const YamlNode& node, const char* key, HashSection& hash) {
  hash.kind = BalanceKind::kHashParameter;
  reader.visible(node, key, "the name of a parameter", hash.parameter);
}
void read_expression(ValueReader& reader, const YamlNode& node, const char* key, HashSection& hash) {
  hash.kind = BalanceKind::kHashExpression;
  reader.text(node, key, hash.expression);
  hash.expression_place = node.place;
}

constexpr std::array<std::pair<const char*, HashPlacement>, 3> kPlacements = {{
    {"rendezvous", HashPlacement::kRendezvous},
    {"map", HashPlacement::kMap},
    {"ring", HashPlacement::kRing},
}};
constexpr std::array<std::pair<const char*, HashFunction>, 4> kFunctions = {{
    {"sdbm", HashFunction::kSdbm},
    {"djb2", HashFunction::kDjb2},
    {"wt6", HashFunction::kWt6},
    {"crc32", HashFunction::kCrc32},
}};

void read_max_load(ValueReader& reader, const YamlNode& node, const char* key, HashSection& hash) {
  reader.percent(node, key, 101, kMostLength, "150%", hash.most_load);
}

using Hash = HashSection;
constexpr Key<Hash> kHashKeys[] = {
    {"header", read_header, "(none)", "X-User", write_text<&Balance::header, Hash>},
    {"source", read_source, "(none)", "true", write_boolean<&Hash::source>},
    {"uri", read_uri, "(none)", "true", write_boolean<&Hash::uri>},
    {"parameter", read_parameter, "(none)", "user", write_text<&Balance::parameter, Hash>},
    {"expression", read_expression, "(none)", "req.cook(user)", write_text<&Hash::expression>},
    boolean_key<&Balance::domain_only, Hash>("domain_only", "false", "true"),
    integer_key<&Balance::uri_length, 1, kMostLength, Hash>("uri_length", "(all of it)", "48"),
    integer_key<&Balance::uri_depth, 1, kMostLength, Hash>("uri_depth", "(all of it)", "3"),
    boolean_key<&Balance::uri_query, Hash>("uri_query", "false", "true"),
    boolean_key<&Balance::uri_path_only, Hash>("uri_path_only", "false", "true"),
    word_key<&Balance::placement, kPlacements, Hash>("placement", "rendezvous", "ring"),
    word_key<&Balance::function, kFunctions, Hash>("function", "sdbm", "crc32"),
    boolean_key<&Balance::avalanche, Hash>("avalanche", "false", "true"),
    {"max_load", read_max_load, "(any)", "150%", write_percent<&Balance::most_load, Hash>},
};

/// That it says what is hashed, and once.
void check_hash(ValueReader& reader, const YamlNode& node) {
  int kinds = 0;
  for (const char* key : {"header", "source", "uri", "parameter", "expression"})
    kinds += node.find(key) != nullptr ? 1 : 0;
  if (kinds != 1)
    reader.error(node.place,
                 "hash is neither `source` nor a map with one of header, source, uri, parameter and "
                 "expression");
}

void read_hash(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  HashSection hash;
  if (node.is_scalar() && node.text == "source") {
    hash.kind = BalanceKind::kHashSource;
  } else if (node.is_map()) {
    read_section<HashSection>(reader, node, key, kHashKeys, hash);
    check_hash(reader, node);
  } else {
    reader.error(node.place, "hash is neither `source` nor `{ header: NAME }`");
  }
  backend.balance = hash;
  if (hash.kind == BalanceKind::kHashExpression)
    backend.rule_lines.balance_hash = {{{hash.expression}, {hash.expression_place}}};
}

bool is_hash(BalanceKind kind) {
  switch (kind) {
    case BalanceKind::kHashSource:
    case BalanceKind::kHashHeader:
    case BalanceKind::kHashUri:
    case BalanceKind::kHashParameter:
    case BalanceKind::kHashExpression:
      return true;
    default:
      return false;
  }
}

void write_hash(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  if (!is_hash(backend.balance.kind)) return;
  HashSection hash;
  static_cast<Balance&>(hash) = backend.balance;
  hash.source = hash.kind == BalanceKind::kHashSource;
  hash.uri = hash.kind == BalanceKind::kHashUri;
  for (const RuleLine& line : backend.rule_lines.balance_hash) hash.expression = line.words.front();
  Balance simple;
  simple.kind = BalanceKind::kHashSource;
  if (backend.balance == simple) return writer.text(key, "source");
  writer.section(key, [&](SectionWriter& inner) { write_section<HashSection>(inner, kHashKeys, hash, {}); });
}

// ---- random

void read_draws(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  backend.balance.kind = BalanceKind::kRandomOfTwo;
  reader.integer(node, key, 1, kMostDraws, backend.balance.draws);
}
void write_draws(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual) {
  if (backend.balance.draws != usual.balance.draws) writer.number(key, backend.balance.draws);
}

constexpr Key<Backend> kBalanceKeys[] = {
    {"hash", read_hash, "(none)", "{ header: X-User }", write_hash},
    {"random", read_draws, "(none)", "3", write_draws},
};

}  // namespace

void read_balance(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  if (node.is_map() && !node.entries.empty()) {
    read_section<Backend>(reader, node, "balance (which is " + std::string(kHelp) + ")", kBalanceKeys,
                          backend);
    return;
  }
  std::vector<std::string> names;
  for (const auto& [name, kind] : kWords) {
    if (node.is_scalar() && node.text == name) {
      backend.balance.kind = kind;
      return;
    }
    names.emplace_back(name);
  }
  reader.error(node.place, std::string(key) + " is " + shown(node) +
                               (node.is_scalar() ? did_you_mean(node.text, names) : "") +
                               " (accepted: " + kHelp + ")");
}

void write_balance(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual) {
  if (backend.balance == usual.balance) return;
  Balance word;
  word.kind = backend.balance.kind;
  for (const auto& [name, kind] : kWords) {
    if (kind == backend.balance.kind && backend.balance == word) return writer.text(key, name);
  }
  writer.section(key,
                 [&](SectionWriter& inner) { write_section<Backend>(inner, kBalanceKeys, backend, usual); });
}

void append_balance_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Backend>(all, prefix, kBalanceKeys);
  append_keys<Hash>(all, prefix + "hash.", kHashKeys);
}

}  // namespace reseal::config
