#include <array>

#include "lb/config/schema_frontend.h"
#include "lb/config/schema_rules.h"
#include "lb/http/message.h"

namespace reseal::config {
namespace {

constexpr int kMostFields = 1000;
constexpr int kMostStreams = 1000;
constexpr int kMostNumber = 0x7fffffff;
constexpr std::uint32_t kLeastHead = 1024;
constexpr std::uint32_t kMostHead = 256 * 1024;

// ---- tls

void read_tls(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  frontend.tls_passthrough = node.is_scalar() && node.text == "passthrough";
  if (frontend.tls_passthrough) return;
  frontend.tls = read_server_tls(reader, node, "frontend '" + frontend.name + "'", frontend.mode);
}
void write_tls(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend&) {
  if (frontend.tls_passthrough) writer.text(key, "passthrough");
  if (frontend.tls) write_server_tls(writer, key, *frontend.tls, frontend.mode);
}

// ---- timeouts and limits

constexpr Key<Timeouts> kTimeoutKeys[] = {
    duration_key<&Timeouts::handshake>("handshake", "10s", "5s"),
    duration_key<&Timeouts::request_head>("request_head", "10s", "5s"),
    duration_key<&Timeouts::request_body>("request_body", "30s", "1m"),
    duration_key<&Timeouts::keep_alive>("keep_alive", "60s", "15s"),
    duration_key<&Timeouts::response_write>("response_write", "30s", "1m"),
};

void read_timeouts(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  frontend.timeouts.place = node.place;
  read_section<Timeouts>(reader, node, "timeouts of frontend '" + frontend.name + "'", kTimeoutKeys,
                         frontend.timeouts);
}

void write_timeouts(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual) {
  write_inner<&Frontend::timeouts, kTimeoutKeys>(writer, key, frontend, usual);
}

void read_head_limit(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.size(node, key, kLeastHead, kMostHead, frontend.max_head_bytes);
}

void read_field_limit(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  int fields = static_cast<int>(frontend.max_fields);
  reader.integer(node, key, 1, kMostFields, fields);
  frontend.max_fields = static_cast<std::uint32_t>(fields);
}

void read_stream_limit(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  int streams = static_cast<int>(frontend.max_streams);
  reader.integer(node, key, 1, kMostStreams, streams);
  frontend.max_streams = static_cast<std::uint32_t>(streams);
}

constexpr Key<Frontend> kLimitKeys[] = {
    {"head", read_head_limit, "32KiB", "16KiB", write_size<&Frontend::max_head_bytes>},
    {"fields", read_field_limit, "100", "200", write_number<&Frontend::max_fields>},
    {"streams", read_stream_limit, "100", "250", write_number<&Frontend::max_streams>},
};

void read_limits(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  read_section<Frontend>(reader, node, "limits of frontend '" + frontend.name + "'", kLimitKeys, frontend);
}

void write_limits(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend& usual) {
  writer.section(key,
                 [&](SectionWriter& inner) { write_section<Frontend>(inner, kLimitKeys, frontend, usual); });
}

// ---- the frontend

void read_default(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.text(node, key, frontend.default_backend);
  frontend.default_place = node.place;
}

void read_redirect_port(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  int port = frontend.redirect_port;
  reader.integer(node, key, 1, 65535, port);
  frontend.redirect_port = static_cast<std::uint16_t>(port);
}

constexpr Key<Frontend> kRedirectKeys[] = {
    {"https", read_redirect_port, "443", "8443", write_number<&Frontend::redirect_port>}};

void read_https_redirect(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  if (!node.is_map()) {
    reader.word<bool>(node, key, {{"https", true}}, frontend.redirect_https);
    return;
  }
  frontend.redirect_https = true;
  read_section<Frontend>(reader, node, "redirect of frontend '" + frontend.name + "'", kRedirectKeys,
                         frontend);
}

void write_https_redirect(SectionWriter& writer, const char* key, const Frontend& frontend,
                          const Frontend& usual) {
  if (!frontend.redirect_https) return;
  if (frontend.redirect_port == usual.redirect_port) return writer.text(key, "https");
  writer.section(
      key, [&](SectionWriter& inner) { write_section<Frontend>(inner, kRedirectKeys, frontend, usual); });
}

constexpr std::array<std::pair<const char*, ForwardedFields>, 2> kForwarded = {
    {{"set", ForwardedFields::kSet}, {"off", ForwardedFields::kOff}}};
constexpr std::array<std::pair<const char*, Mode>, 2> kModes = {{{"http", Mode::kHttp}, {"tcp", Mode::kTcp}}};
constexpr std::array<std::pair<const char*, Connect>, 2> kConnect = {
    {{"refused", Connect::kRefused}, {"allowed", Connect::kAllowed}}};
constexpr std::array<std::pair<const char*, H2c>, 2> kH2c = {
    {{"refused", H2c::kRefused}, {"allowed", H2c::kAllowed}}};
constexpr std::array<std::pair<const char*, UnderscoreFields>, 3> kUnderscores = {
    {{"drop", UnderscoreFields::kDrop},
     {"keep", UnderscoreFields::kKeep},
     {"refuse", UnderscoreFields::kRefuse}}};
/// Of errors of connecting to servers.
constexpr std::array<std::pair<const char*, bool>, 2> kUnreachable = {{{"by_cause", false}, {"503", true}}};

/// Addresses or CIDR blocks.
template <auto kMember>
void blocks_of(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  read_blocks(reader, node, key, frontend.*kMember);
}

void read_frontend_access_log(ValueReader& reader, const YamlNode& node, const char* key,
                              Frontend& frontend) {
  frontend.access_logs = read_access_logs(reader, node, key);
}
void write_frontend_access_log(SectionWriter& writer, const char* key, const Frontend& frontend,
                               const Frontend&) {
  if (frontend.access_logs) write_access_logs(writer, key, *frontend.access_logs);
}

void read_cause_header(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  std::string name;
  reader.token(node, key, name);
  if (http::field_name(name) != http::FieldName::kOther) {
    reader.error(node.place, std::string(key) + " is '" + name +
                                 "', a field with a meaning of its own; accepted: another name, such as "
                                 "X-Reseal-Cause");
  } else if (!name.empty()) {
    frontend.cause_header = name;
  }
}

void write_max_body_size(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend&) {
  if (frontend.max_body_size) writer.size(key, *frontend.max_body_size);
}

// ---- as backends have them

void read_rule_lines(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  read_haproxy_rules(reader, node, key, frontend.rule_lines, nullptr);
}
void write_rule_lines(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend&) {
  write_haproxy_rules(writer, key, frontend.rule_lines, {});
}
void read_pages(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  read_error_pages(reader, node, key, frontend.error_pages);
}
void write_pages(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend&) {
  write_error_pages(writer, key, frontend.error_pages);
}
void read_fields(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  read_address_fields(reader, node, key, frontend.address_fields);
}
void write_fields(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend&) {
  write_address_fields(writer, key, frontend.address_fields);
}
void read_frontend_compression(ValueReader& reader, const YamlNode& node, const char* key,
                               Frontend& frontend) {
  read_compression(reader, node, key, frontend.compression);
}
void write_frontend_compression(SectionWriter& writer, const char* key, const Frontend& frontend,
                                const Frontend&) {
  write_compression(writer, key, frontend.compression);
}
void read_statistics(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  read_stats_page(reader, node, key, frontend.stats_page);
}
void write_statistics(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend&) {
  write_stats_page(writer, key, frontend.stats_page);
}

constexpr Key<Frontend> kFrontendKeys[] = {
    {"bind", read_binds, "(required)", "[\"*:443\", \"[::]:443\"]", write_binds},
    word_key<&Frontend::mode, kModes>("mode", "http", "tcp"),
    {"tls", read_tls, "(none)", "{ certificates: [certs/] }", write_tls},
    {"acl", read_acls, "(none)", "{ is_api: \"path_beg /api\", inside: \"src 10.0.0.0/8\" }"},
    {"rules", read_rules, "(none)", "[{ when: { path_prefix: /api }, use: web }]"},
    {"haproxy_rules", read_rule_lines, "(none)", "['http-request deny if { path_beg /private }']",
     write_rule_lines},
    {"default", read_default, "(none)", "web", write_text<&Frontend::default_backend>},
    {"redirect", read_https_redirect, "(none)", "https", write_https_redirect},
    {"path", read_path_policy, "(below)", "{ encoded_slash: keep }", write_path_policy},
    word_key<&Frontend::underscore_fields, kUnderscores>("underscore_fields", "drop", "keep"),
    {"request_id", read_request_id, "(none)", "X-Request-Id", write_request_id},
    {"error_pages", read_pages, "(none)", "{ 503: pages/503.html, 4xx: pages/4xx.html }", write_pages},
    {"max_body_size", read_max_body_size, "(any)", "10MiB", write_max_body_size},
    word_key<&Frontend::forwarded, kForwarded>("forwarded", "set", "off"),
    {"address_fields", read_fields, "(none)", "{ client: { name: X-Client-Ip } }", write_fields},
    {"accept_proxy", blocks_of<&Frontend::accept_proxy>, "(none)", "[10.0.0.0/8]",
     write_texts<&Frontend::accept_proxy>},
    {"trusted_proxies", blocks_of<&Frontend::trusted_proxies>, "(none)", "[10.0.0.0/8, \"2001:db8::/32\"]",
     write_texts<&Frontend::trusted_proxies>},
    word_key<&Frontend::h2c, kH2c>("h2c", "refused", "allowed"),
    word_key<&Frontend::connect, kConnect>("connect", "refused", "allowed"),
    {"connections", read_client_connections, "(below)", "{ max: 10000 }", write_client_connections},
    {"compression", read_frontend_compression, "(the backend's)", "on", write_frontend_compression},
    {"timeouts", read_timeouts, "(below)", "{ keep_alive: 15s }", write_timeouts},
    duration_key<&Frontend::inspect_delay>("inspect_delay", "(not at all)", "5s"),
    duration_key<&Frontend::tarpit>("tarpit", "(not at all)", "10s"),
    {"limits", read_limits, "(below)", "{ head: 16KiB }", write_limits},
    {"access_log", read_frontend_access_log, "(the top level's)", "{ to: stdout, format: httplog }",
     write_frontend_access_log},
    {"log_policy", read_log_policy, "(below)", "{ only_errors: true }", write_log_policy},
    text_key<&Frontend::error_log_format>("handshake_error_format", "(HAProxy's words)",
                                          "'%ci %[ssl_fc_err]'"),
    {"captures", read_captures, "(none)", "{ cookie: { name: SRV=, length: 32 } }", write_captures},
    {"unique_id", read_unique_id, "(none)", "{ format: '%{+X}o%ci:%cp_%Ts' }", write_unique_id},
    {"stats_page", read_statistics, "(none)", "{ uri: /stats }", write_statistics},
    {"cause_header", read_cause_header, "(none)", "X-Reseal-Cause", write_text<&Frontend::cause_header>},
    word_key<&Frontend::unreachable_is_503, kUnreachable>("unreachable_status", "by_cause", "503"),
    integer_key<&Frontend::number, 1, kMostNumber>("id", "(its place)", "7"),
    boolean_key<&Frontend::is_listen>("listen", "false", "true"),
};

}  // namespace

void read_frontend(ValueReader& reader, const YamlNode& node, Frontend& frontend) {
  const YamlNode* mode = node.find("mode");
  if (mode != nullptr && mode->text == "tcp") frontend.mode = Mode::kTcp;  // before what depends on it
  read_section<Frontend>(reader, node, "frontend '" + frontend.name + "'", kFrontendKeys, frontend);
}

void write_frontend(SectionWriter& writer, const Frontend& frontend) {
  write_section<Frontend>(writer, kFrontendKeys, frontend, {});
}

void append_frontend_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Frontend>(all, prefix, kFrontendKeys);
  append_bind_keys(all, prefix + "bind.");
  append_server_tls_keys(all, prefix + "tls.", true);
  append_rule_keys(all, prefix + "rules.");
  append_request_keys(all, prefix);
  append_keys<Timeouts>(all, prefix + "timeouts.", kTimeoutKeys);
  append_keys<Frontend>(all, prefix + "redirect.", kRedirectKeys);
  append_keys<Frontend>(all, prefix + "limits.", kLimitKeys);
  append_client_connection_keys(all, prefix);
  append_address_field_keys(all, prefix + "address_fields.");
  append_frontend_log_keys(all, prefix);
  append_stats_page_keys(all, prefix + "stats_page.");
}

}  // namespace reseal::config
