// What rules do with a request that takes a map to say: redirect, reply, rewrite.
#include "lb/config/schema_rules.h"
#include "lb/rules/static_body.h"
#include "lb/rules/text_template.h"

namespace reseal::config {
namespace {

/// A text with variables that stands in a target or a host: no blanks, nothing beyond ASCII.
void read_target_template(ValueReader& reader, const YamlNode& node, const char* key, std::string& text) {
  reader.visible(node, key, "visible ASCII characters without blanks", text);
  if (!text.empty()) read_template(reader, node, key, text);
}

void read_path_template(ValueReader& reader, const YamlNode& node, const char* key, std::string& text) {
  read_target_template(reader, node, key, text);
  const bool fits = text.empty() || text.starts_with('/') || text.starts_with("{path}");
  if (!fits || text.find_first_of("?#") != std::string::npos) {
    reader.error(node.place,
                 std::string(key) + " is '" + shortened(text) +
                     "'; accepted: a path that begins with '/' or {path}, without '?' and '#' (the "
                     "query stays as it is)");
  }
}

// ---- redirect

void read_redirect_to(ValueReader& reader, const YamlNode& node, const char* key, Redirect& redirect) {
  read_target_template(reader, node, key, redirect.to);
  const std::string& to = redirect.to;
  const bool is_path = to.starts_with("{path}") || (to.starts_with('/') && !to.starts_with("//"));
  const bool is_url =
      to.starts_with("http://") || to.starts_with("https://") || to.starts_with("{scheme}://");
  if (!to.empty() && !is_path && !is_url) {
    reader.error(node.place, "to is '" + shortened(to) + "'; accepted: a URL (https://...) or a path (/...)");
  }
}

void read_redirect_scheme(ValueReader& reader, const YamlNode& node, const char* key, Redirect& redirect) {
  reader.word<std::string>(node, key, {{"http", "http"}, {"https", "https"}}, redirect.scheme);
}

void read_redirect_host(ValueReader& reader, const YamlNode& node, const char* key, Redirect& redirect) {
  read_target_template(reader, node, key, redirect.host);
}

void read_redirect_path(ValueReader& reader, const YamlNode& node, const char* key, Redirect& redirect) {
  read_path_template(reader, node, key, redirect.path);
}

void read_redirect_status(ValueReader& reader, const YamlNode& node, const char* key, Redirect& redirect) {
  reader.word<int>(node, key, {{"301", 301}, {"302", 302}, {"303", 303}, {"307", 307}, {"308", 308}},
                   redirect.status);
}

constexpr Key<Redirect> kRedirectKeys[] = {
    {"to", read_redirect_to, "(none)", "\"https://www.example.org/moved{query}\""},
    {"scheme", read_redirect_scheme, "(the request's)", "https"},
    {"host", read_redirect_host, "(the request's)", "www.example.org"},
    {"path", read_redirect_path, "(the request's)", "\"/new{path}\""},
    {"status", read_redirect_status, "308", "301"},
};

// ---- reply

void read_reply_body(ValueReader& reader, const YamlNode& node, const char* key, Reply& reply) {
  if (!node.is_scalar() || node.text.size() > rules::StaticBody::kMostBytes) {
    reader.error(node.place, std::string(key) + " is " + shown(node) + "; accepted: a text of at most 64KiB");
    return;
  }
  reply.body = node.text;
}

void read_reply_file(ValueReader& reader, const YamlNode& node, const char* key, Reply& reply) {
  reader.path(node, key, reply.file);
}

void read_reply_headers(ValueReader& reader, const YamlNode& node, const char* key, Reply& reply) {
  read_header_values(reader, node, key, HeaderEditKind::kSet, reply.fields);
}

constexpr Key<Reply> kReplyKeys[] = {
    integer_key<&Reply::status, 200, 599>("status", "200", "503"),
    {"body", read_reply_body, "(none)", "\"back at noon\""},
    {"file", read_reply_file, "(none)", "pages/maintenance.html"},
    text_key<&Reply::content_type>("content_type", "(by the file's name)", "application/json"),
    {"headers", read_reply_headers, "(none)", "{ Retry-After: \"3600\" }"},
};

// ---- rewrite

void read_rewrite_host(ValueReader& reader, const YamlNode& node, const char* key, Rewrite& rewrite) {
  read_target_template(reader, node, key, rewrite.host);
}

void read_rewrite_path(ValueReader& reader, const YamlNode& node, const char* key, Rewrite& rewrite) {
  read_path_template(reader, node, key, rewrite.path);
}

void read_strip_prefix(ValueReader& reader, const YamlNode& node, const char* key, Rewrite& rewrite) {
  read_rule_path(reader, node, key, rewrite.strip_prefix);
}

void read_add_prefix(ValueReader& reader, const YamlNode& node, const char* key, Rewrite& rewrite) {
  read_path_template(reader, node, key, rewrite.add_prefix);
  if (rewrite.add_prefix.ends_with('/')) {
    reader.error(node.place, std::string(key) + " ends with '/'; what follows begins with one");
  }
}

constexpr Key<Rewrite> kRewriteKeys[] = {
    {"host", read_rewrite_host, "(as it was)", "app.internal"},
    {"path", read_rewrite_path, "(as it was)", "/index.html"},
    {"strip_prefix", read_strip_prefix, "(nothing)", "/api"},
    {"add_prefix", read_add_prefix, "(nothing)", "/v2"},
};

}  // namespace

void read_redirect(ValueReader& reader, const YamlNode& node, const char* key, Rule& rule) {
  Redirect& redirect = rule.redirect.emplace();
  if (!node.is_map()) {
    reader.word<std::string>(node, key, {{"https", "https"}}, redirect.scheme);
    return;
  }
  read_section<Redirect>(reader, node, "redirect of a rule", kRedirectKeys, redirect);
  const bool has_parts = !redirect.scheme.empty() || !redirect.host.empty() || !redirect.path.empty();
  const bool has_to = node.find("to") != nullptr;
  if (has_to && has_parts)
    reader.error(node.place, "redirect: `to` is the whole; leave out scheme, host and path");
  const bool names_part =
      node.find("scheme") != nullptr || node.find("host") != nullptr || node.find("path") != nullptr;
  if (!has_to && !names_part) {
    reader.error(node.place, "redirect says not where to; add to, scheme, host or path");
  }
  const std::string wrong = wrong_with_template("{scheme}://" + redirect.host + redirect.path + "{query}");
  if (!wrong.empty()) reader.error(node.place, "redirect: host and path together are " + wrong);
}

void read_reply(ValueReader& reader, const YamlNode& node, const char*, Rule& rule) {
  Reply& reply = rule.reply.emplace();
  reply.place = node.place;
  read_section<Reply>(reader, node, "reply of a rule", kReplyKeys, reply);
  if (!reply.body.empty() && !reply.file.empty()) {
    reader.error(node.place, "reply has a body and a file; one of them is sent");
  }
  const bool has_body = !reply.body.empty() || !reply.file.empty();
  if (has_body && (reply.status == 204 || reply.status == 304)) {
    reader.error(node.place,
                 "reply: a response with status " + std::to_string(reply.status) + " has no body");
  }
}

void read_rewrite(ValueReader& reader, const YamlNode& node, const char*, Rule& rule) {
  Rewrite& rewrite = rule.rewrite.emplace();
  read_section<Rewrite>(reader, node, "rewrite of a rule", kRewriteKeys, rewrite);
  if (!rewrite.path.empty() && (!rewrite.strip_prefix.empty() || !rewrite.add_prefix.empty())) {
    reader.error(node.place, "rewrite: `path` is the whole path; leave out strip_prefix and add_prefix");
  }
}

void append_action_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Redirect>(all, prefix + "redirect.", kRedirectKeys);
  append_keys<Reply>(all, prefix + "reply.", kReplyKeys);
  append_keys<Rewrite>(all, prefix + "rewrite.", kRewriteKeys);
}

}  // namespace reseal::config
