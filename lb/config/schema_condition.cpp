// when: of a rule.
#include <algorithm>

#include "lb/base/text.h"
#include "lb/config/schema_rules.h"
#include "lb/http/characters.h"
#include "lb/http/head_rules.h"
#include "lb/http/path.h"
#include "lb/net/cidr.h"

namespace reseal::config {
namespace {

/// The conditions of a map, and where those of its `not` go; null within one.
struct WhenSection {
  Matches& matches;
  Matches* none = nullptr;
};

void read_host(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section) {
  static constexpr const char* kAccepted = "a host without port, such as example.org or \"*.example.org\"";
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string host;
    reader.visible(*text, key, kAccepted, host);
    if (host.empty()) continue;
    host = lowered(host);
    std::string_view rest = host;
    if (rest.starts_with("*.")) rest.remove_prefix(2);
    // Requests are compared without their port, and have no other hosts, so such a rule would never hold.
    if (!http::is_valid_host(rest)) {
      reader.error(text->place, "host is '" + shortened(text->text) + "'; accepted: " + kAccepted);
    }
    BufferPool pool;
    Arena arena(pool);
    section.matches.hosts.emplace_back(http::compared_host(host, arena));
  }
}

template <auto kMember>
void paths_of(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string path;
    read_rule_path(reader, *text, key, path);
    if (!path.empty()) (section.matches.*kMember).push_back(std::move(path));
  }
}

std::string in_upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void read_method(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string& method = section.matches.methods.emplace_back();
    reader.token(*text, key, method);
    // Methods are told apart by case (RFC 9110 9.1), so it would never hold.
    const std::string usual = in_upper_case(method);
    if (method != usual && http::method_of(usual) != http::Method::kOther)
      reader.error(text->place, "method is '" + method + "'; did you mean '" + usual + "'?");
  }
}

/// Host is compared without port and in any case elsewhere; as a field it would be passed by another spelling.
bool is_condition_name(ValueReader& reader, const std::string& name, Place place) {
  if (name.empty() || !http::all_chars(name, http::kTokenChar)) {
    reader.error(place, "header has '" + shortened(name) + "'; accepted: the name of a field");
    return false;
  }
  if (!equals_ignoring_case(name, "host")) return true;
  reader.error(place, "header: a request's host is asked for by host:");
  return false;
}

void read_header(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section) {
  if (!node.is_map()) {
    HeaderMatch present;
    for (const YamlNode* text : reader.text_or_list(node, key)) {
      if (is_condition_name(reader, text->text, text->place)) present.names.push_back(text->text);
    }
    section.matches.headers.push_back(std::move(present));
    return;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_condition_name(reader, entry.key, entry.key_place)) continue;
    HeaderMatch match{{entry.key}, {}};
    for (const YamlNode* text : reader.text_or_list(*entry.value, key)) {
      reader.text(*text, key, match.values.emplace_back());
    }
    section.matches.headers.push_back(std::move(match));
  }
}

void read_address(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section) {
  read_blocks(reader, node, key, section.matches.addresses);
}

/// Registered names of the protocols that load balancers meet (IANA, TLS ALPN Protocol IDs). Others are let pass, but
/// one that looks like a slip of these would never match.
const std::vector<std::string>& usual_protocols() {
  static const std::vector<std::string> names{"h2",   "http/1.1", "http/1.0",    "h3",  "acme-tls/1", "dot",
                                              "imap", "pop3",     "xmpp-client", "ftp", "postgresql", "mqtt"};
  return names;
}

/// HTTP/2 over TLS is h2, whatever else it is called.
bool means_http2(const std::string& name) {
  return name == "http/2" || name == "http/2.0" || name == "http2" || name == "h2c";
}

void read_alpn(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section) {
  static constexpr const char* kAccepted = "the name of a protocol, such as h2, http/1.1 or acme-tls/1";
  constexpr std::size_t kLongestProtocol = 255;  // RFC 7301 3.1
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string name;
    reader.visible(*text, key, kAccepted, name);
    if (name.empty()) continue;
    if (name.size() > kLongestProtocol) {
      reader.error(text->place,
                   "alpn has a name of " + std::to_string(name.size()) + " bytes; accepted: at most 255");
      continue;
    }
    const std::vector<std::string>& usual = usual_protocols();
    if (means_http2(lowered(name))) {
      reader.error(text->place, "alpn is '" + name + "'; HTTP/2 over TLS is 'h2'");
    } else if (std::ranges::find(usual, name) == usual.end()) {
      const std::string hint = did_you_mean(lowered(name), usual);
      if (!hint.empty())
        reader.warning(text->place, "alpn has '" + shortened(name) + "', compared as it is written" + hint);
    }
    section.matches.protocols.push_back(std::move(name));
  }
}

void read_not(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section);

constexpr Key<WhenSection> kWhenKeys[] = {
    {"host", read_host, "(any)", "\"*.example.org\""},
    {"path", paths_of<&Matches::paths>, "(any)", "/status"},
    {"path_prefix", paths_of<&Matches::path_prefixes>, "(any)", "[/api, /v2]"},
    {"method", read_method, "(any)", "[GET, HEAD]"},
    {"header", read_header, "(any)", "{ X-Beta: [\"1\", \"yes\"] }"},
    {"address", read_address, "(any)", "[10.0.0.0/8, 192.0.2.7]"},
    {"alpn", read_alpn, "(any)", "[h2, http/1.1]"},
    {"not", read_not, "(nothing)", "{ method: [GET, HEAD] }"},  // last: not within itself
};
constexpr std::span kNotKeys = std::span(kWhenKeys).first<std::size(kWhenKeys) - 1>();

void read_not(ValueReader& reader, const YamlNode& node, const char* key, WhenSection& section) {
  WhenSection none{*section.none, nullptr};
  read_section<WhenSection>(reader, node, key, kNotKeys, none);
}

}  // namespace

void read_rule_path(ValueReader& reader, const YamlNode& node, const char* key, std::string& path) {
  reader.request_path(node, key, path);
  if (path.empty()) return;
  const std::string found = std::string(key) + " is '" + shortened(path) + "'";
  if (path.find_first_of("?#") != std::string::npos) {
    reader.error(
        node.place,
        found + ", but a request's path is compared without its query: write it without '?' and '#'");
  } else if (path.find(';') != std::string::npos) {
    reader.error(node.place,
                 found + ", but paths are compared without their ;parameters: write it without ';'");
  } else if (const auto pattern = http::compared_pattern(path); !pattern) {
    reader.error(node.place, found + ", which no request is served with: " + pattern.error().detail);
  }
}

void read_blocks(ValueReader& reader, const YamlNode& node, const char* key,
                 std::vector<std::string>& blocks) {
  net::CidrSet accepted;
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    if (const auto added = accepted.add(text->text); !added) {
      reader.error(text->place, std::string(key) + " has '" + shortened(text->text) + "': " + added.error());
    }
    blocks.push_back(text->text);
  }
}

void read_when(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  rule.when.place = node.place;
  if (node.is_scalar()) {
    // Compiled when a generation is built, since it may name files.
    reader.text(node, key, rule.when.expression);
    return;
  }
  WhenSection section{rule.when.all, &rule.when.none};
  read_section<WhenSection>(reader, node, key, kWhenKeys, section);
}

void read_acls(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  if (!reader.is_map(node, key)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    for (const YamlNode* text : reader.text_or_list(*entry.value, key)) {
      Acl& acl = frontend.acls.emplace_back();
      acl.name = entry.key;
      acl.place = text->place;
      reader.text(*text, key, acl.criterion);
    }
  }
}

void append_when_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<WhenSection>(all, prefix, kWhenKeys);
  append_keys<WhenSection>(all, prefix + "not.", kNotKeys);
}

}  // namespace reseal::config
