// The parts of the reader that only a frontend's rules need: conditions, actions, texts with variables.
#pragma once

#include <string>
#include <vector>

#include "lb/config/section_keys.h"

namespace reseal::config {

/// rules: of a frontend, which is a list.
void read_rules(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void append_rule_keys(std::vector<KeyReference>& all, const std::string& prefix);

// schema_condition
void read_when(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule);
void read_acls(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend);
void append_when_keys(std::vector<KeyReference>& all, const std::string& prefix);
/// A path that requests are compared with: no query, no parameters, nothing that would be refused.
void read_rule_path(ValueReader& reader, const YamlNode& node, const char* key, std::string& path);
/// Addresses or CIDR blocks.
void read_blocks(ValueReader& reader, const YamlNode& node, const char* key,
                 std::vector<std::string>& blocks);

// schema_actions
void read_redirect(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule);
void read_reply(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule);
void read_rewrite(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule);
void append_action_keys(std::vector<KeyReference>& all, const std::string& prefix);

// schema_request
/// max_body_size: of a frontend or a rule.
void read_body_limit(ValueReader& reader, const YamlNode& node, const char* key,
                     std::optional<std::uint64_t>& limit);

// schema_header_edits
/// A map of names and values with variables.
void read_header_values(ValueReader& reader, const YamlNode& node, const char* key, HeaderEditKind kind,
                        std::vector<HeaderEdit>& edits);
/// One name or a list.
void read_header_names(ValueReader& reader, const YamlNode& node, const char* key,
                       std::vector<HeaderEdit>& edits);
/// A field that rules and request_id may set; otherwise says why not.
bool is_editable_field(ValueReader& reader, const std::string& name, Place place, const char* key);
/// What is wrong with a text with variables (rules/text_template); empty: nothing.
std::string wrong_with_template(const std::string& text);
void read_template(ValueReader& reader, const YamlNode& node, const char* key, std::string& text);

}  // namespace reseal::config
