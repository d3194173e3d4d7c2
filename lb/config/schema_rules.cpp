#include "lb/config/schema_rules.h"

namespace reseal::config {
namespace {

constexpr int kDenied = 403;

void read_use(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  reader.text(node, key, rule.use);
  rule.use_place = node.place;
}

void read_deny(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  rule.deny = kDenied;
  if (node.is_scalar() && node.text == "true") return;
  reader.integer(node, key, 400, 599, rule.deny, ", or true (403)");
}

void read_allow(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  reader.word<bool>(node, key, {{"true", true}}, rule.allow);
}

template <auto kEdits, HeaderEditKind kKind>
void header_values_of(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  read_header_values(reader, node, key, kKind, rule.*kEdits);
}

template <auto kEdits>
void header_names_of(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  read_header_names(reader, node, key, rule.*kEdits);
}

template <auto kMember>
void optional_duration_of(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  reader.duration(node, key, (rule.*kMember).emplace());
}

constexpr Key<Rule> kTimeoutKeys[] = {
    {"response", optional_duration_of<&Rule::response_timeout>, "(the backend's)", "5m"},
    {"idle", optional_duration_of<&Rule::idle_timeout>, "(the backend's)", "5m"},
};

void read_timeouts(ValueReader& reader, const YamlNode& node, const char*, Rule& rule) {
  read_section<Rule>(reader, node, "timeouts of a rule", kTimeoutKeys, rule);
}

void read_max_body_size(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  read_body_limit(reader, node, key, rule.max_body_size);
}

constexpr auto kRequest = &Rule::request_edits;
constexpr auto kResponse = &Rule::response_edits;

constexpr Key<Rule> kRuleKeys[] = {
    {"when", read_when, "(always)", "{ path_prefix: /api, method: GET }"},
    {"use", read_use, "(none)", "web"},
    {"deny", read_deny, "(none)", "403"},
    {"allow", read_allow, "(none)", "true"},
    {"redirect", read_redirect, "(none)", "{ host: www.example.org }"},
    {"reply", read_reply, "(none)", "{ status: 503, file: pages/maintenance.html }"},
    {"set_request_header", header_values_of<kRequest, HeaderEditKind::kSet>, "(none)",
     "{ X-Client: \"{client_address}\" }"},
    {"add_request_header", header_values_of<kRequest, HeaderEditKind::kAdd>, "(none)", "{ X-Tag: edge }"},
    {"remove_request_header", header_names_of<kRequest>, "(none)", "[X-Debug, X-Internal]"},
    {"set_response_header", header_values_of<kResponse, HeaderEditKind::kSet>, "(none)",
     "{ Strict-Transport-Security: max-age=63072000 }"},
    {"add_response_header", header_values_of<kResponse, HeaderEditKind::kAdd>, "(none)",
     "{ Link: \"</style.css>; rel=preload\" }"},
    {"remove_response_header", header_names_of<kResponse>, "(none)", "[Server, X-Powered-By]"},
    {"rewrite", read_rewrite, "(none)", "{ strip_prefix: /api }"},
    {"timeouts", read_timeouts, "(the backend's)", "{ response: 5m }"},
    {"max_body_size", read_max_body_size, "(the frontend's)", "1GiB"},
};

void check_actions(ValueReader& reader, const YamlNode& node, const Rule& rule) {
  std::string deciding;
  int count = 0;
  for (const char* key : {"use", "deny", "redirect", "reply"}) {
    if (node.find(key) == nullptr) continue;
    deciding += (deciding.empty() ? "" : " and ") + std::string(key);
    ++count;
  }
  if (count > 1) {
    reader.error(rule.place, "the rule has " + deciding + "; one of them can decide about a request");
  } else if (node.find("allow") != nullptr && node.find("deny") != nullptr) {
    reader.error(rule.place, "the rule allows and denies the same requests");
  } else if (node.entries.size() == (node.find("when") != nullptr ? 1U : 0U)) {
    auto actions = key_names<Rule>(kRuleKeys);
    actions.erase(actions.begin());
    reader.error(rule.place, "the rule does nothing; it needs at least one of " + one_of(actions));
  }
}

}  // namespace

void read_rules(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  if (!node.is_sequence()) {
    reader.error(node.place, std::string("rules is ") + node.kind_text() +
                                 "; accepted: a list of { when: ..., use: ... }");
    return;
  }
  for (const auto& item : node.items) {
    Rule rule;
    rule.place = item->place;
    read_section<Rule>(reader, *item, "a rule", kRuleKeys, rule);
    if (item->is_map()) check_actions(reader, *item, rule);
    frontend.rules.push_back(std::move(rule));
  }
}

void append_rule_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Rule>(all, prefix, kRuleKeys);
  append_when_keys(all, prefix + "when.");
  append_action_keys(all, prefix);
  append_keys<Rule>(all, prefix + "timeouts.", kTimeoutKeys);
}

}  // namespace reseal::config
