// What a frontend makes of every request, before its rules are asked: path, fields, id, limits; and its error pages.
#include "lb/base/text.h"
#include "lb/config/schema.h"
#include "lb/config/schema_rules.h"

namespace reseal::config {
namespace {

constexpr std::uint64_t kMostBody = std::uint64_t{1} << 50;

// ---- path

void read_sent_path(ValueReader& reader, const YamlNode& node, const char* key, PathPolicy& path) {
  reader.word<SentPath>(
      node, key, {{"normalized", SentPath::kNormalized}, {"as_received", SentPath::kAsReceived}}, path.send);
}

template <auto kMember>
void odd_path_of(ValueReader& reader, const YamlNode& node, const char* key, PathPolicy& path) {
  reader.word<OddPath>(node, key, {{"refuse", OddPath::kRefuse}, {"keep", OddPath::kKeep}}, path.*kMember);
}

constexpr Key<PathPolicy> kPathKeys[] = {
    {"send", read_sent_path, "normalized", "as_received"},
    {"encoded_slash", odd_path_of<&PathPolicy::encoded_slash>, "refuse", "keep"},
    {"backslash", odd_path_of<&PathPolicy::backslash>, "refuse", "keep"},
};

// ---- request_id

void read_id_field(ValueReader& reader, const YamlNode& node, const char* key, RequestId& id) {
  reader.token(node, key, id.field);
  if (!id.field.empty()) (void)is_editable_field(reader, id.field, node.place, key);
}

void read_accepted_ids(ValueReader& reader, const YamlNode& node, const char* key, RequestId& id) {
  reader.word<AcceptedIds>(
      node, key,
      {{"none", AcceptedIds::kNone}, {"trusted", AcceptedIds::kTrusted}, {"any", AcceptedIds::kAny}},
      id.accept);
}

constexpr Key<RequestId> kRequestIdKeys[] = {
    {"field", read_id_field, "(required)", "X-Request-Id"},
    {"accept", read_accepted_ids, "trusted", "none"},
    {"respond", boolean_of<&RequestId::respond>, "false", "true"},
};

// ---- error_pages

/// "503", "4xx"; 0 if it is none.
int page_status(std::string_view key) {
  if (key == "4xx" || key == "5xx") return key[0] - '0';
  const auto status = parse_decimal(key);
  return status && *status >= 400 && *status <= 599 ? static_cast<int>(*status) : 0;
}

}  // namespace

void read_path_policy(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  read_section<PathPolicy>(reader, node, "path of frontend '" + frontend.name + "'", kPathKeys,
                           frontend.path);
}

void read_underscore_fields(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.word<UnderscoreFields>(node, key,
                                {{"drop", UnderscoreFields::kDrop},
                                 {"keep", UnderscoreFields::kKeep},
                                 {"refuse", UnderscoreFields::kRefuse}},
                                frontend.underscore_fields);
}

void read_request_id(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  if (!node.is_map()) {
    read_id_field(reader, node, key, frontend.request_id);
    return;
  }
  read_section<RequestId>(reader, node, "request_id of frontend '" + frontend.name + "'", kRequestIdKeys,
                          frontend.request_id);
  if (node.find("field") == nullptr) {
    reader.error(node.place, "request_id does not say which field it is sent in (field: X-Request-Id)");
  }
}

void read_error_pages(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  if (!reader.is_map(node, key)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    ErrorPage page{page_status(entry.key), {}, false, entry.value->place};
    if (page.status == 0) {
      reader.error(entry.key_place, "error_pages has '" + shortened(entry.key) +
                                        "'; accepted: a status from 400 to 599, 4xx or 5xx");
      continue;
    }
    reader.path(*entry.value, key, page.file);
    frontend.error_pages.push_back(std::move(page));
  }
}

void read_body_limit(ValueReader& reader, const YamlNode& node, const char* key,
                     std::optional<std::uint64_t>& limit) {
  // 0 is no limit to nginx and to other limits here, and would be no body at all.
  reader.size(node, key, std::uint64_t{1}, kMostBody, limit.emplace());
}

void read_max_body_size(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  read_body_limit(reader, node, key, frontend.max_body_size);
}

void append_request_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<PathPolicy>(all, prefix + "path.", kPathKeys);
  append_keys<RequestId>(all, prefix + "request_id.", kRequestIdKeys);
}

}  // namespace reseal::config
