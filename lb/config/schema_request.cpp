// What a frontend makes of every request, before its rules are asked: path, fields, id, limits; and its error pages.
#include <array>

#include "lb/base/text.h"
#include "lb/config/schema_frontend.h"
#include "lb/config/schema_rules.h"

namespace reseal::config {
namespace {

constexpr std::uint64_t kMostBody = std::uint64_t{1} << 50;

// ---- path

constexpr std::array<std::pair<const char*, SentPath>, 2> kSentPaths = {
    {{"normalized", SentPath::kNormalized}, {"as_received", SentPath::kAsReceived}}};
constexpr std::array<std::pair<const char*, OddPath>, 2> kOddPaths = {
    {{"refuse", OddPath::kRefuse}, {"keep", OddPath::kKeep}}};

constexpr Key<PathPolicy> kPathKeys[] = {
    word_key<&PathPolicy::send, kSentPaths>("send", "normalized", "as_received"),
    word_key<&PathPolicy::encoded_slash, kOddPaths>("encoded_slash", "refuse", "keep"),
    word_key<&PathPolicy::backslash, kOddPaths>("backslash", "refuse", "keep"),
};

// ---- request_id

void read_id_field(ValueReader& reader, const YamlNode& node, const char* key, RequestId& id) {
  reader.token(node, key, id.field);
  if (!id.field.empty()) (void)is_editable_field(reader, id.field, node.place, key);
}

constexpr std::array<std::pair<const char*, AcceptedIds>, 3> kAcceptedIds = {
    {{"none", AcceptedIds::kNone}, {"trusted", AcceptedIds::kTrusted}, {"any", AcceptedIds::kAny}}};

constexpr Key<RequestId> kRequestIdKeys[] = {
    {"field", read_id_field, "(required)", "X-Request-Id", write_text<&RequestId::field>},
    word_key<&RequestId::accept, kAcceptedIds>("accept", "trusted", "none"),
    boolean_key<&RequestId::respond>("respond", "false", "true"),
};

// ---- error_pages

/// "503", "4xx"; 0 if it is none.
int page_status(std::string_view key) {
  if (key == "4xx" || key == "5xx") return key[0] - '0';
  const auto status = parse_decimal(key);
  return status && *status >= 400 && *status <= 599 ? static_cast<int>(*status) : 0;
}

void read_page_file(ValueReader& reader, const YamlNode& node, const char* key, ErrorPage& page) {
  reader.path(node, key, page.file);
}

void read_page_text(ValueReader& reader, const YamlNode& node, const char* key, ErrorPage& page) {
  reader.lines(node, key, page.text);
}

constexpr Key<ErrorPage> kPageKeys[] = {
    {"file", read_page_file, "(none)", "pages/503.http", write_text<&ErrorPage::file>},
    boolean_key<&ErrorPage::has_head>("whole_response", "false", "true"),
    {"response", read_page_text, "(the file)", "\"HTTP/1.1 503 Busy\\r\\n\\r\\nlater\"",
     write_text<&ErrorPage::text>},
};

}  // namespace

void read_path_policy(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  read_section<PathPolicy>(reader, node, "path of frontend '" + frontend.name + "'", kPathKeys,
                           frontend.path);
}

void write_path_policy(SectionWriter& writer, const char* key, const Frontend& frontend,
                       const Frontend& usual) {
  write_inner<&Frontend::path, kPathKeys>(writer, key, frontend, usual);
}

void write_request_id(SectionWriter& writer, const char* key, const Frontend& frontend,
                      const Frontend& usual) {
  write_inner<&Frontend::request_id, kRequestIdKeys>(writer, key, frontend, usual);
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

void read_error_pages(ValueReader& reader, const YamlNode& node, const char* key,
                      std::vector<ErrorPage>& pages) {
  if (!reader.is_map(node, key)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    ErrorPage page{page_status(entry.key), {}, false, entry.value->place};
    if (page.status == 0) {
      reader.error(entry.key_place, "error_pages has '" + shortened(entry.key) +
                                        "'; accepted: a status from 400 to 599, 4xx or 5xx");
      continue;
    }
    if (entry.value->is_map()) {
      read_section<ErrorPage>(reader, *entry.value, "a page of error_pages", kPageKeys, page);
      if (page.file.empty() && page.text.empty())
        reader.error(entry.value->place, "a page of error_pages has neither a file nor a response");
    } else {
      read_page_file(reader, *entry.value, key, page);
    }
    pages.push_back(std::move(page));
  }
}

void write_error_pages(SectionWriter& writer, const char* key, const std::vector<ErrorPage>& pages) {
  writer.section(key, [&](SectionWriter& inner) {
    for (const ErrorPage& page : pages) {
      const std::string status =
          page.status < 10 ? std::to_string(page.status) + "xx" : std::to_string(page.status);
      if (page.has_head || !page.text.empty()) {
        inner.section(status,
                      [&](SectionWriter& own) { write_section<ErrorPage>(own, kPageKeys, page, {}); });
      } else {
        inner.text(status, page.file);
      }
    }
  });
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
  append_keys<ErrorPage>(all, prefix + "error_pages.STATUS.", kPageKeys);
}

}  // namespace reseal::config
