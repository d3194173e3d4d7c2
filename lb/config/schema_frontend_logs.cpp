// What a frontend's lines of the log are about: log_policy, captures, unique_id.
#include "lb/config/schema_frontend.h"

namespace reseal::config {
namespace {

constexpr int kMostCaptured = 65535;

using Policy = stats::LogPolicy;
constexpr Key<Policy> kPolicyKeys[] = {
    boolean_key<&Policy::only_errors>("only_errors", "false", "true"),
    boolean_key<&Policy::separate_errors>("separate_errors", "false", "true"),
    boolean_key<&Policy::early>("early", "false", "true"),
    boolean_key<&Policy::announces>("announce", "false", "true"),
    boolean_key<&Policy::unheard>("unheard", "false", "true"),
    boolean_key<&Policy::null_connections>("null_connections", "false", "true"),
    boolean_key<&Policy::handshake_failures>("handshake_failures", "false", "true"),
    boolean_key<&Policy::messages>("messages", "false", "true"),
};

// ---- captures

void read_capture_name(ValueReader& reader, const YamlNode& node, const char* key, LogCapture& capture) {
  reader.visible(node, key, "the name of a field, or the beginning of a cookie", capture.name);
}
void read_capture_length(ValueReader& reader, const YamlNode& node, const char* key, LogCapture& capture) {
  int length = 0;
  reader.integer(node, key, 0, kMostCaptured, length);
  capture.most_bytes = static_cast<std::uint32_t>(length);
}

constexpr Key<LogCapture> kCaptureKeys[] = {
    {"name", read_capture_name, "(required)", "User-Agent", write_text<&LogCapture::name>},
    {"length", read_capture_length, "(required)", "64", write_number<&LogCapture::most_bytes>},
};

template <auto kMember>
void captures_of(ValueReader& reader, const YamlNode& node, const char* key, LogCaptures& captures) {
  for (const YamlNode* item : reader.maps(node, key))
    read_section<LogCapture>(reader, *item, key, kCaptureKeys, (captures.*kMember).emplace_back());
}
template <auto kMember>
void write_list(SectionWriter& writer, const char* key, const LogCaptures& captures, const LogCaptures&) {
  writer.sections(key, captures.*kMember, [](SectionWriter& inner, const LogCapture& capture) {
    write_section<LogCapture>(inner, kCaptureKeys, capture, {});
  });
}

constexpr Key<LogCaptures> kCapturesKeys[] = {
    {"request", captures_of<&LogCaptures::request_fields>, "(none)", "[{ name: User-Agent, length: 64 }]",
     write_list<&LogCaptures::request_fields>},
    {"response", captures_of<&LogCaptures::response_fields>, "(none)", "[{ name: Content-Type, length: 32 }]",
     write_list<&LogCaptures::response_fields>},
    section_key<&LogCaptures::cookie, kCaptureKeys>("cookie", "(none)", "{ name: SRV=, length: 32 }"),
};

// ---- unique_id

void read_id_field(ValueReader& reader, const YamlNode& node, const char* key, UniqueId& id) {
  reader.token(node, key, id.field);
}

constexpr Key<UniqueId> kUniqueIdKeys[] = {
    text_key<&UniqueId::format>("format", "(none)", "'%{+X}o%ci:%cp_%Ts'"),
    {"field", read_id_field, "(servers are not told)", "X-Unique-Id", write_text<&UniqueId::field>},
};

}  // namespace

void read_log_policy(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  section_of<&Frontend::log_policy, kPolicyKeys>(reader, node, key, frontend);
}
void write_log_policy(SectionWriter& writer, const char* key, const Frontend& frontend,
                      const Frontend& usual) {
  write_inner<&Frontend::log_policy, kPolicyKeys>(writer, key, frontend, usual);
}

void read_captures(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  section_of<&Frontend::captures, kCapturesKeys>(reader, node, key, frontend);
}
void write_captures(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual) {
  write_inner<&Frontend::captures, kCapturesKeys>(writer, key, frontend, usual);
}

void read_unique_id(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  section_of<&Frontend::unique_id, kUniqueIdKeys>(reader, node, key, frontend);
}
void write_unique_id(SectionWriter& writer, const char* key, const Frontend& frontend,
                     const Frontend& usual) {
  write_inner<&Frontend::unique_id, kUniqueIdKeys>(writer, key, frontend, usual);
}

void append_frontend_log_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Policy>(all, prefix + "log_policy.", kPolicyKeys);
  append_keys<LogCaptures>(all, prefix + "captures.", kCapturesKeys);
  append_keys<LogCapture>(all, prefix + "captures.request.", kCaptureKeys);
  append_keys<UniqueId>(all, prefix + "unique_id.", kUniqueIdKeys);
}

}  // namespace reseal::config
