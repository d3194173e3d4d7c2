// Fields that rules set, add and remove, and the texts with variables that they are given.
#include "lb/config/schema_rules.h"
#include "lb/http/characters.h"
#include "lb/rules/expression/pattern_file.h"
#include "lb/rules/header_edit.h"
#include "lb/rules/text_template.h"

namespace reseal::config {

bool is_editable_field(ValueReader& reader, const std::string& name, Place place, const char* key) {
  const std::string found = std::string(key) + " has '" + shortened(name) + "'";
  if (name.empty() || !http::all_chars(name, http::kTokenChar)) {
    reader.error(place, found + "; accepted: the name of a field");
    return false;
  }
  const std::string_view why = rules::why_not_editable(name);
  if (!why.empty()) reader.error(place, found + ", which cannot be changed: " + std::string(why));
  return why.empty();
}

namespace {

/// Files are read when a generation is built; here only the text is looked at.
class NoFiles final : public rules::expression::FileReader {
 public:
  std::expected<std::string, std::string> read(const std::string&) override { return std::string(); }
};

}  // namespace

std::string wrong_with_template(const std::string& text) {
  NoFiles files;
  rules::expression::PatternFiles pattern_files;
  rules::expression::VariableNames variables;
  rules::expression::Environment environment;
  environment.files = &files;
  environment.pattern_files = &pattern_files;
  environment.variables = &variables;
  environment.finds_names = false;
  const rules::expression::Compiler compiler(environment);
  const auto compiled = rules::TextTemplate::parse(text, &compiler);
  return compiled ? "" : compiled.error();
}

void read_template(ValueReader& reader, const YamlNode& node, const char* key, std::string& text) {
  reader.text(node, key, text);
  if (const std::string wrong = wrong_with_template(text); !wrong.empty())
    reader.error(node.place, std::string(key) + " is '" + shortened(text) + "': " + wrong);
}

void read_header_values(ValueReader& reader, const YamlNode& node, const char* key, HeaderEditKind kind,
                        std::vector<HeaderEdit>& edits) {
  if (!reader.is_map(node, key)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_editable_field(reader, entry.key, entry.key_place, key)) continue;
    HeaderEdit& edit = edits.emplace_back();
    edit.kind = kind;
    edit.name = entry.key;
    read_template(reader, *entry.value, key, edit.value);
  }
}

void read_header_names(ValueReader& reader, const YamlNode& node, const char* key,
                       std::vector<HeaderEdit>& edits) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    if (!is_editable_field(reader, text->text, text->place, key)) continue;
    edits.push_back({HeaderEditKind::kRemove, text->text, {}});
  }
}

}  // namespace reseal::config
