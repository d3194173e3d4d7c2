// steps: of a check: what it connects to, sends and expects.
#include "lb/config/schema_check.h"

#include <array>

#include "lb/base/text.h"

namespace reseal::config {
namespace {

constexpr int kMostPort = 65535;
constexpr int kMostBytes = 16384;

void read_lines(ValueReader& reader, const YamlNode& node, const char* key, std::string& out) {
  reader.lines(node, key, out);
}

/// "0d0a"
void read_hex(ValueReader& reader, const YamlNode& node, const char* key, std::string& out) {
  std::string bytes;
  bool fits = node.is_scalar() && !node.text.empty() && node.text.size() % 2 == 0;
  for (std::size_t i = 0; fits && i < node.text.size(); i += 2) {
    const auto byte = parse_hex(std::string_view(node.text).substr(i, 2));
    fits = byte.has_value();
    if (fits) bytes += static_cast<char>(*byte);
  }
  if (fits) {
    out = bytes;
  } else {
    reader.error(node.place,
                 std::string(key) + " is " + shown(node) + "; accepted: pairs of hexadecimal digits");
  }
}
std::string hex_text(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}
/// Whether a YAML text can hold it, and people read it.
bool is_text(std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x7f || (byte < 0x20 && c != '\r' && c != '\n' && c != '\t')) return false;
  }
  return true;
}

// ---- connect

void read_connect_host(ValueReader& reader, const YamlNode& node, const char* key, CheckConnect& connect) {
  reader.visible(node, key, "a host name or an address", connect.host);
}
void read_connect_port(ValueReader& reader, const YamlNode& node, const char* key, CheckConnect& connect) {
  int port = 0;
  reader.integer(node, key, 1, kMostPort, port);
  connect.port = static_cast<std::uint16_t>(port);
}
void read_connect_sni(ValueReader& reader, const YamlNode& node, const char* key, CheckConnect& connect) {
  reader.visible(node, key, "a host name", connect.sni);
}

template <auto kMember>
void choice_of(ValueReader& reader, const YamlNode& node, const char* key, CheckConnect& connect) {
  bool on = false;
  reader.boolean(node, key, on);
  connect.*kMember = on;
}
template <auto kMember>
void write_choice(SectionWriter& writer, const char* key, const CheckConnect& connect, const CheckConnect&) {
  if (connect.*kMember) writer.boolean(key, *(connect.*kMember));
}

constexpr std::array<std::pair<const char*, CheckAlpn>, 5> kAlpns = {{
    {"as_traffic", CheckAlpn::kAsTraffic},
    {"none", CheckAlpn::kNone},
    {"http/1.1", CheckAlpn::kHttp1},
    {"h2", CheckAlpn::kH2},
    {"negotiated", CheckAlpn::kNegotiated},
}};

constexpr Key<CheckConnect> kConnectKeys[] = {
    {"address", read_connect_host, "(the server's)", "10.0.0.99", write_text<&CheckConnect::host>},
    {"port", read_connect_port, "(the server's)", "8081", write_number<&CheckConnect::port>},
    {"tls", choice_of<&CheckConnect::tls>, "(as traffic)", "false", write_choice<&CheckConnect::tls>},
    {"sni", read_connect_sni, "(as traffic)", "web.internal", write_text<&CheckConnect::sni>},
    word_key<&CheckConnect::alpn, kAlpns>("alpn", "as_traffic", "h2"),
    {"send_proxy", choice_of<&CheckConnect::send_proxy>, "(as traffic)", "false",
     write_choice<&CheckConnect::send_proxy>},
};

// ---- request

void read_request_method(ValueReader& reader, const YamlNode& node, const char* key, CheckRequest& request) {
  reader.token(node, key, request.method);
}
void read_target(ValueReader& reader, const YamlNode& node, const char* key, CheckRequest& request) {
  reader.visible(node, key, "a target such as /healthz", request.target);
}
void read_fields(ValueReader& reader, const YamlNode& node, const char* key, CheckRequest& request) {
  if (!reader.is_map(node, key)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    for (const YamlNode* text : reader.text_or_list(*entry.value, key))
      request.fields.emplace_back(entry.key, text->text);
  }
}
void write_fields(SectionWriter& writer, const char* key, const CheckRequest& request, const CheckRequest&) {
  writer.section(key, [&](SectionWriter& inner) {
    for (const auto& [name, value] : request.fields) inner.text(name, value);
  });
}
void read_request_body(ValueReader& reader, const YamlNode& node, const char* key, CheckRequest& request) {
  reader.lines(node, key, request.body);
}

constexpr Key<CheckRequest> kRequestKeys[] = {
    {"method", read_request_method, "GET", "HEAD", write_text<&CheckRequest::method>},
    {"target", read_target, "/", "/healthz", write_text<&CheckRequest::target>},
    text_key<&CheckRequest::host>("host", "(none)", "www.example.org"),
    boolean_key<&CheckRequest::is_http10>("http10", "false", "true"),
    {"headers", read_fields, "(none)", "{ X-Check: \"1\" }", write_fields},
    {"body", read_request_body, "(none)", "\"ping\"", write_text<&CheckRequest::body>},
    boolean_key<&CheckRequest::tells_state>("tell_state", "false", "true"),
};

// ---- expect

void read_statuses(ValueReader& reader, const YamlNode& node, const char* key, CheckExpect& expect) {
  expect.kind = ExpectKind::kStatus;
  read_status_ranges(reader, node, key, expect.statuses);
}
void write_statuses(SectionWriter& writer, const char* key, const CheckExpect& expect, const CheckExpect&) {
  if (expect.kind == ExpectKind::kStatus) writer.texts(key, status_texts(expect.statuses));
}

/// A kind that has a pattern.
template <ExpectKind kKind>
void pattern_of(ValueReader& reader, const YamlNode& node, const char* key, CheckExpect& expect) {
  expect.kind = kKind;
  kKind == ExpectKind::kBinary ? read_hex(reader, node, key, expect.pattern)
                               : reader.lines(node, key, expect.pattern);
}
template <ExpectKind kKind>
void write_pattern(SectionWriter& writer, const char* key, const CheckExpect& expect, const CheckExpect&) {
  if (expect.kind == kKind)
    writer.text(key, kKind == ExpectKind::kBinary ? hex_text(expect.pattern) : expect.pattern);
}
template <ExpectKind kKind>
constexpr Key<CheckExpect> pattern_key(const char* name, const char* example) {
  return {name, pattern_of<kKind>, "(none)", example, write_pattern<kKind>};
}

constexpr std::array<std::pair<const char*, ExpectKind>, 3> kProtocols = {{
    {"mysql_greeting", ExpectKind::kMysqlGreeting},
    {"mysql_ok", ExpectKind::kMysqlOk},
    {"ldap_bind", ExpectKind::kLdapBind},
}};
void write_protocol(SectionWriter& writer, const char* key, const CheckExpect& expect, const CheckExpect&) {
  for (const auto& [name, kind] : kProtocols) {
    if (kind == expect.kind) writer.text(key, name);
  }
}

template <TextMatchKind kKind>
void match_of(ValueReader& reader, const YamlNode& node, const char* key, TextMatch& match) {
  match.kind = kKind;
  reader.text(node, key, match.text);
}
template <TextMatchKind kKind>
void write_match_of(SectionWriter& writer, const char* key, const TextMatch& match, const TextMatch&) {
  if (match.kind == kKind) writer.text(key, match.text);
}
constexpr Key<TextMatch> kMatchKeys[] = {
    {"exact", match_of<TextMatchKind::kExact>, "(none)", "X-Ready", write_match_of<TextMatchKind::kExact>},
    {"prefix", match_of<TextMatchKind::kPrefix>, "(none)", "X-", write_match_of<TextMatchKind::kPrefix>},
    {"suffix", match_of<TextMatchKind::kSuffix>, "(none)", "-ready", write_match_of<TextMatchKind::kSuffix>},
    {"part", match_of<TextMatchKind::kPart>, "(none)", "read", write_match_of<TextMatchKind::kPart>},
    {"regex", match_of<TextMatchKind::kRegex>, "(none)", "\"^X-R\"", write_match_of<TextMatchKind::kRegex>},
};

/// A text alone is meant exactly.
void read_match(ValueReader& reader, const YamlNode& node, const char* key, TextMatch& match) {
  if (node.is_map()) {
    read_section<TextMatch>(reader, node, key, kMatchKeys, match);
  } else {
    reader.text(node, key, match.text);
  }
}
void write_match(SectionWriter& writer, const char* key, const TextMatch& match) {
  if (match.kind == TextMatchKind::kExact) return writer.text(key, match.text);
  writer.section(key, [&](SectionWriter& inner) { write_section<TextMatch>(inner, kMatchKeys, match, {}); });
}

void read_field_name(ValueReader& reader, const YamlNode& node, const char* key, CheckExpect& expect) {
  expect.kind = ExpectKind::kField;
  read_match(reader, node, key, expect.field);
}
void write_field_name(SectionWriter& writer, const char* key, const CheckExpect& expect, const CheckExpect&) {
  if (expect.kind == ExpectKind::kField) write_match(writer, key, expect.field);
}
void read_field_value(ValueReader& reader, const YamlNode& node, const char* key, CheckExpect& expect) {
  read_match(reader, node, key, expect.value.emplace());
}
void write_field_value(SectionWriter& writer, const char* key, const CheckExpect& expect,
                       const CheckExpect&) {
  if (expect.value) write_match(writer, key, *expect.value);
}

template <auto kMember>
void status_of(ValueReader& reader, const YamlNode& node, const char* key, CheckExpect& expect) {
  const auto status = node.is_scalar() ? check_status(node.text) : std::nullopt;
  if (status) {
    expect.*kMember = *status;
  } else {
    reader.error(node.place, std::string(key) + " is " + shown(node) +
                                 "; accepted: L7OK, L7OKC, L7RSP, L7STS, L7TOUT, L4OK and the like");
  }
}
template <auto kMember>
void write_status(SectionWriter& writer, const char* key, const CheckExpect& expect,
                  const CheckExpect& usual) {
  if (expect.*kMember != usual.*kMember) writer.text(key, word_of(expect.*kMember));
}

constexpr Key<CheckInfo> kInfoKeys[] = {
    text_key<&CheckInfo::text>("text", "(HAProxy's)", "\"all is well\""),
    integer_key<&CheckInfo::answer_from, 0, CheckInfo::kNothing>("answer_from", "(not told)", "4"),
};

constexpr Key<CheckExpect> kExpectKeys[] = {
    {"status", read_statuses, "(none)", "[200, 300-302]", write_statuses},
    pattern_key<ExpectKind::kStatusRegex>("status_regex", "\"^[23]\""),
    {"header", read_field_name, "(none)", "X-Ready", write_field_name},
    {"header_value", read_field_value, "(that it is there)", "{ part: yes }", write_field_value},
    boolean_key<&CheckExpect::whole_value>("whole_value", "false", "true"),
    pattern_key<ExpectKind::kBodyPart>("body", "\"ready\""),
    pattern_key<ExpectKind::kBodyRegex>("body_regex", "\"status.*ok\""),
    pattern_key<ExpectKind::kPart>("text", "\"+PONG\""),
    pattern_key<ExpectKind::kRegex>("regex", "\"^[+]PONG\""),
    pattern_key<ExpectKind::kBinary>("binary", "2b504f4e47"),
    pattern_key<ExpectKind::kBinaryRegex>("binary_regex", "\"^2b50\""),
    {"protocol", word_of<&CheckExpect::kind, kProtocols, CheckExpect>, "(none)", "mysql_greeting",
     write_protocol},
    boolean_key<&CheckExpect::negated>("not", "false", "true"),
    integer_key<&CheckExpect::least_bytes, 0, kMostBytes>("min_bytes", "(until it matches)", "4"),
    {"ok", status_of<&CheckExpect::ok>, "L7OK", "L7OKC", write_status<&CheckExpect::ok>},
    {"error", status_of<&CheckExpect::error>, "L7RSP", "L7STS", write_status<&CheckExpect::error>},
    {"timeout", status_of<&CheckExpect::timeout>, "L7TOUT", "L6TOUT", write_status<&CheckExpect::timeout>},
    section_key<&CheckExpect::on_success, kInfoKeys>("on_success", "(HAProxy's words)", "{ text: \"well\" }"),
    section_key<&CheckExpect::on_error, kInfoKeys>("on_error", "(HAProxy's words)", "{ answer_from: 4 }"),
    boolean_key<&CheckExpect::code_in_answer>("code_in_answer", "false", "true"),
};

// ---- a step

template <class Kind, const auto& kKeys>
void step_of(ValueReader& reader, const YamlNode& node, const char* key, CheckStep& step) {
  Kind what;
  read_section<Kind>(reader, node, std::string(key) + " of a check", kKeys, what);
  step.what = std::move(what);
}
template <class Kind, const auto& kKeys>
void write_step_of(SectionWriter& writer, const char* key, const CheckStep& step, const CheckStep&) {
  const auto* what = std::get_if<Kind>(&step.what);
  if (what == nullptr) return;
  writer.section(key, [&](SectionWriter& inner) { write_section<Kind>(inner, kKeys, *what, {}); }, true);
}

template <auto kRead>
void bytes_of(ValueReader& reader, const YamlNode& node, const char* key, CheckStep& step) {
  CheckSend send;
  kRead(reader, node, key, send.bytes);
  step.what = std::move(send);
}
void write_text_bytes(SectionWriter& writer, const char* key, const CheckStep& step, const CheckStep&) {
  const auto* send = std::get_if<CheckSend>(&step.what);
  if (send != nullptr && is_text(send->bytes)) writer.text(key, send->bytes);
}
void write_other_bytes(SectionWriter& writer, const char* key, const CheckStep& step, const CheckStep&) {
  const auto* send = std::get_if<CheckSend>(&step.what);
  if (send != nullptr && !is_text(send->bytes)) writer.text(key, hex_text(send->bytes));
}

constexpr Key<CheckStep> kStepKeys[] = {
    {"connect", step_of<CheckConnect, kConnectKeys>, "(none)", "{ port: 8081 }",
     write_step_of<CheckConnect, kConnectKeys>},
    {"send", bytes_of<read_lines>, "(none)", "\"PING\\r\\n\"", write_text_bytes},
    {"send_binary", bytes_of<read_hex>, "(none)", "50494e470d0a", write_other_bytes},
    {"request", step_of<CheckRequest, kRequestKeys>, "(none)", "{ target: /healthz }",
     write_step_of<CheckRequest, kRequestKeys>},
    {"expect", step_of<CheckExpect, kExpectKeys>, "(none)", "{ status: 200 }",
     write_step_of<CheckExpect, kExpectKeys>},
    text_key<&CheckStep::comment>("comment", "(none)", "\"the banner\""),
    boolean_key<&CheckStep::implied>("implied", "false", "true"),
};

}  // namespace

void read_status_ranges(ValueReader& reader, const YamlNode& node, const char* key,
                        std::vector<std::pair<int, int>>& ranges) {
  ranges.clear();
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    const std::string_view range = text->text;
    const std::size_t dash = range.find('-');
    const auto low = parse_decimal(range.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : parse_decimal(range.substr(dash + 1));
    if (low && high && *low >= 100 && *low <= *high && *high <= 999) {
      ranges.emplace_back(static_cast<int>(*low), static_cast<int>(*high));
    } else {
      reader.error(text->place, std::string(key) + " is '" + shortened(text->text) +
                                    "'; accepted: 200, 200-399, or a list of such (100 to 999)");
    }
  }
}

std::vector<std::string> status_texts(const std::vector<std::pair<int, int>>& ranges) {
  std::vector<std::string> texts;
  for (const auto& [low, high] : ranges)
    texts.push_back(std::to_string(low) + (high != low ? '-' + std::to_string(high) : std::string()));
  return texts;
}

std::span<const Key<CheckConnect>> check_connect_keys() {
  return kConnectKeys;
}

void read_check_steps(ValueReader& reader, const YamlNode& node, const char* key,
                      std::vector<CheckStep>& steps) {
  for (const YamlNode* item : reader.maps(node, key)) {
    read_section<CheckStep>(reader, *item, "a step of a check", kStepKeys, steps.emplace_back());
    int kinds = 0;
    for (const char* kind : {"connect", "send", "send_binary", "request", "expect"})
      kinds += item->find(kind) != nullptr ? 1 : 0;
    if (kinds != 1)
      reader.error(item->place,
                   "a step of a check has one of connect, send, send_binary, request and expect");
  }
}

void write_check_steps(SectionWriter& writer, const char* key, std::span<const CheckStep> steps) {
  writer.sections(key, steps, [](SectionWriter& inner, const CheckStep& step) {
    write_section<CheckStep>(inner, kStepKeys, step, {});
  });
}

void append_check_step_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<CheckStep>(all, prefix, kStepKeys);
  append_keys<CheckConnect>(all, prefix + "connect.", kConnectKeys);
  append_keys<CheckRequest>(all, prefix + "request.", kRequestKeys);
  append_keys<CheckExpect>(all, prefix + "expect.", kExpectKeys);
  append_keys<TextMatch>(all, prefix + "expect.header.", kMatchKeys);
  append_keys<CheckInfo>(all, prefix + "expect.on_success.", kInfoKeys);
}

}  // namespace reseal::config
