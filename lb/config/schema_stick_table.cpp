// stick_tables: what is kept of clients, or of whatever else is a key.
#include <algorithm>
#include <array>

#include "lb/base/text.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

using rules::stick::data_row;
using rules::stick::DataRow;
using rules::stick::DataType;
using rules::stick::Definition;
using rules::stick::key_rows;
using rules::stick::KeyRow;
using rules::stick::KeyType;
using rules::stick::ServerKey;
using rules::stick::Stored;

constexpr const char* kStoreHelp = "conn_cur, http_req_rate(10s), gpc(3), gpc_rate(3,10s) and the like";

const KeyRow& row_of(KeyType type) {
  return *std::ranges::find(key_rows(), type, &KeyRow::type);
}

// ---- the key

void read_type(ValueReader& reader, const YamlNode& node, const char* key, Definition& table) {
  std::vector<std::pair<std::string, KeyType>> words;
  for (const KeyRow& row : key_rows()) words.emplace_back(row.name, row.type);
  reader.word<KeyType>(node, key, words, table.type);
}
void write_type(SectionWriter& writer, const char* key, const Definition& table, const Definition&) {
  writer.text(key, row_of(table.type).name);
}

void read_length(ValueReader& reader, const YamlNode& node, const char* key, Definition& table) {
  int bytes = static_cast<int>(table.key_bytes);
  reader.integer(node, key, 1, Definition::kMostKeyBytes, bytes);
  table.key_bytes = static_cast<std::size_t>(bytes);
}
void write_length(SectionWriter& writer, const char* key, const Definition& table, const Definition&) {
  if (table.key_bytes != row_of(table.type).bytes)
    writer.number(key, static_cast<std::int64_t>(table.key_bytes));
}

void read_size(ValueReader& reader, const YamlNode& node, const char* key, Definition& table) {
  reader.size(node, key, std::uint64_t{1}, Definition::kMostEntries, table.size);
}
void write_size(SectionWriter& writer, const char* key, const Definition& table, const Definition&) {
  writer.number(key, static_cast<std::int64_t>(table.size));
}

// ---- the data

/// "gpc_rate(3,10s)"; nothing if it is none of the kind.
std::optional<Stored> stored_of(std::string_view text) {
  const std::size_t open = std::min(text.find('('), text.size());
  const auto type = rules::stick::data_type(text.substr(0, open));
  if (!type || (open < text.size() && !text.ends_with(')'))) return std::nullopt;
  std::string_view arguments = open < text.size() ? text.substr(open + 1, text.size() - open - 2) : "";
  const DataRow& row = data_row(*type);
  Stored stored{*type};
  if (row.is_array) {
    const std::size_t comma = std::min(arguments.find(','), arguments.size());
    const auto count = parse_decimal(arguments.substr(0, comma));
    if (!count || *count == 0 || *count > Stored::kMostElements) return std::nullopt;
    stored.elements = static_cast<std::uint32_t>(*count);
    arguments.remove_prefix(std::min(comma + 1, arguments.size()));
  }
  if (row.kind == DataRow::Kind::kRate) {
    const auto period = duration_of_text(arguments);
    if (!period) return std::nullopt;
    stored.period = static_cast<std::uint32_t>(period->count());
    arguments = {};
  }
  return arguments.empty() ? std::optional(stored) : std::nullopt;
}

std::string text_of_stored(const Stored& stored) {
  const DataRow& row = data_row(stored.type);
  std::string arguments = row.is_array ? std::to_string(stored.elements) : "";
  if (row.kind == DataRow::Kind::kRate)
    arguments += (row.is_array ? "," : "") + duration_text(Duration(stored.period));
  return std::string(row.name) + (arguments.empty() ? "" : '(' + arguments + ')');
}

void read_store(ValueReader& reader, const YamlNode& node, const char* key, Definition& table) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    const auto stored = stored_of(text->text);
    if (!stored) {
      reader.error(text->place,
                   std::string(key) + " has '" + shortened(text->text) + "'; accepted: " + kStoreHelp);
    } else if (std::ranges::find(table.stored, stored->type, &Stored::type) != table.stored.end()) {
      reader.error(text->place,
                   std::string(key) + " has " + std::string(data_row(stored->type).name) + " twice");
    } else {
      table.stored.push_back(*stored);
    }
  }
  if (const std::string_view rivals = rules::stick::rivals_among(table.stored); !rivals.empty())
    reader.error(node.place, std::string(key) + " has " + std::string(rivals) +
                                 ": the array takes the place of the others");
}
void write_store(SectionWriter& writer, const char* key, const Definition& table, const Definition&) {
  std::vector<std::string> texts;
  for (const Stored& stored : table.stored) texts.push_back(text_of_stored(stored));
  if (!texts.empty()) writer.texts(key, texts);
}

constexpr std::array<std::pair<const char*, ServerKey>, 2> kServerKeys = {
    {{"name", ServerKey::kName}, {"address", ServerKey::kAddress}}};

constexpr Key<Definition> kTableKeys[] = {
    {"type", read_type, "(required)", "ip", write_type},
    {"key_length", read_length, "(32 of a string or binary)", "64", write_length},
    {"size", read_size, "(required)", "100000", write_size},
    duration_key<&Definition::expire>("expire", "(never)", "30m"),
    boolean_key<&Definition::nopurge>("nopurge", "false", "true"),
    word_key<&Definition::server_key, kServerKeys>("server_key", "name", "address"),
    {"store", read_store, "(nothing)", "[conn_cur, \"http_req_rate(10s)\"]", write_store},
};

}  // namespace

void read_stick_table(ValueReader& reader, const YamlNode& node, StickTable& table) {
  Definition& definition = table.definition;
  const std::string who = "stick table '" + table.name + "'";
  if (const YamlNode* type = node.find("type")) {
    // First, since it says how long a key is.
    for (const KeyRow& row : key_rows()) {
      if (row.name == type->text) definition.key_bytes = row.bytes;
    }
  }
  read_section<Definition>(reader, node, who, kTableKeys, definition);
  for (const char* key : {"type", "size"}) {
    if (node.is_map() && node.find(key) == nullptr) reader.error(table.place, who + " has no " + key);
  }
  const bool has_length = definition.type == KeyType::kString || definition.type == KeyType::kBinary;
  if (const YamlNode* length = node.find("key_length"); length != nullptr && !has_length)
    reader.error(length->place, who + ": key_length is of keys of type string or binary");
}

void write_stick_table(SectionWriter& writer, const StickTable& table) {
  write_section<Definition>(writer, kTableKeys, table.definition, {});
}

void append_stick_table_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Definition>(all, prefix, kTableKeys);
}

}  // namespace reseal::config
