#include "lb/runtime/rule_builder.h"

#include <fmt/format.h>

#include <filesystem>

#include "lb/base/file.h"
#include "lb/base/text.h"
#include "lb/http/path.h"
#include "lb/rules/error_file.h"
#include "lb/rules/expression/expression_words.h"

namespace reseal::runtime {
namespace {

constexpr const char* kPlainText = "text/plain; charset=utf-8";

// Reading the configuration has made sure that texts, paths and addresses are well formed.

std::vector<std::string> compared(const std::vector<std::string>& paths) {
  std::vector<std::string> patterns;
  for (const std::string& path : paths) patterns.push_back(http::compared_pattern(path).value_or(path));
  return patterns;
}

rules::Matches to_matches(const config::Matches& settings) {
  rules::Matches matches;
  matches.hosts = settings.hosts;
  matches.paths = compared(settings.paths);
  matches.path_prefixes = compared(settings.path_prefixes);
  matches.methods = settings.methods;
  for (const config::HeaderMatch& header : settings.headers) {
    matches.headers.push_back({header.names, header.values});
  }
  matches.protocols = settings.protocols;
  for (const std::string& block : settings.addresses) (void)matches.addresses.add(block);
  return matches;
}

rules::HeaderEdit::Kind to_kind(config::HeaderEditKind kind) {
  switch (kind) {
    case config::HeaderEditKind::kSet:
      return rules::HeaderEdit::Kind::kSet;
    case config::HeaderEditKind::kAdd:
      return rules::HeaderEdit::Kind::kAdd;
    case config::HeaderEditKind::kRemove:
      break;
  }
  return rules::HeaderEdit::Kind::kRemove;
}

/// By the end of the file's name; bytes of no known kind are said to be just that.
const char* content_type_of(const std::string& file) {
  const std::string extension = lowered(std::filesystem::path(file).extension().string());
  if (extension == ".html" || extension == ".htm") return "text/html; charset=utf-8";
  if (extension == ".txt") return kPlainText;
  if (extension == ".json") return "application/json";
  if (extension == ".xml") return "application/xml";
  return "application/octet-stream";
}

}  // namespace

rules::TextTemplate RuleBuilder::compiled(const std::string& text) const {
  auto made = rules::TextTemplate::parse(text, &compiler_);
  if (made) return std::move(*made);
  report_(place_, fmt::format("'{}': {}", text, made.error()));
  return {};
}

void RuleBuilder::declare(const config::Acl& acl) {
  std::vector<std::string> words{acl.name};
  for (auto& word : rules::expression::split_expression(acl.criterion)) words.push_back(std::move(word.text));
  if (const auto declared = compiler_.declare_acl(words); !declared)
    report_(acl.place, fmt::format("acl '{}': {}", acl.name, declared.error().message));
}

std::optional<rules::expression::Condition> RuleBuilder::condition(const config::Condition& settings) const {
  if (settings.expression.empty()) return std::nullopt;
  std::vector<std::string> words;
  for (auto& word : rules::expression::split_expression(settings.expression))
    words.push_back(std::move(word.text));
  auto condition = compiler_.condition(words);
  if (condition) return std::move(*condition);
  report_(settings.place, fmt::format("when: {}", condition.error().message));
  return std::nullopt;
}

std::vector<rules::HeaderEdit> RuleBuilder::to_edits(const std::vector<config::HeaderEdit>& settings) const {
  std::vector<rules::HeaderEdit> edits;
  for (const config::HeaderEdit& edit : settings) {
    edits.emplace_back(to_kind(edit.kind), edit.name, compiled(edit.value));
  }
  return edits;
}

rules::Redirect RuleBuilder::to_redirect(const config::Redirect& settings) const {
  std::string location = settings.to;
  if (location.empty()) {
    // A port belongs to its scheme: with another one it is left out.
    const char* const same_host = settings.scheme.empty() ? "{authority}" : "{host}";
    location = (settings.scheme.empty() ? "{scheme}" : settings.scheme) + "://" +
               (settings.host.empty() ? same_host : settings.host) +
               (settings.path.empty() ? "{path}" : settings.path) + "{query}";
  }
  return {settings.status, compiled(location)};
}

/// redirect: https of the frontend, as the rule that it is.
rules::Rule RuleBuilder::https_redirect(std::uint16_t port) const {
  constexpr std::uint16_t kHttpsPort = 443;
  config::Redirect settings;
  settings.scheme = "https";
  if (port != kHttpsPort) settings.host = fmt::format("{{host}}:{}", port);
  rules::Rule rule;
  rule.redirect = to_redirect(settings);
  rule.when.all.plaintext = true;
  return rule;
}

std::shared_ptr<const rules::StaticBody> RuleBuilder::read_page(const std::string& file,
                                                                config::Place place) const {
  constexpr std::size_t kMost = rules::StaticBody::kMostBytes;
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    report_(place, fmt::format("{} is a folder; a file is expected", file));
    return nullptr;
  }
  auto text = read_at_most(file, kMost + 1);
  if (!text) {
    report_(place, fmt::format("{} {}", file, text.error()));
    return nullptr;
  }
  if (text->size() > kMost) {
    report_(place,
            fmt::format("{} is larger than {} KiB, the most that a page may have", file, kMost / 1024));
    return nullptr;
  }
  return std::make_shared<const rules::StaticBody>(
      rules::StaticBody{content_type_of(file), std::move(*text), 0, {}});
}

rules::Reply RuleBuilder::build_reply(const config::Reply& settings) const {
  rules::Reply reply;
  reply.status = settings.status;
  reply.fields = to_edits(settings.fields);
  rules::StaticBody body{kPlainText, settings.body, 0, {}};
  if (!settings.file.empty()) {
    const auto page = read_page(settings.file, settings.place);
    if (page == nullptr) return reply;
    body = *page;
  }
  if (!settings.content_type.empty()) body.content_type = settings.content_type;
  if (!body.text.empty()) reply.body = std::make_shared<const rules::StaticBody>(std::move(body));
  return reply;
}

rules::Rule RuleBuilder::build_rule(const config::Rule& settings) {
  place_ = settings.place;
  rules::Rule rule;
  rule.when = {to_matches(settings.when.all), to_matches(settings.when.none), condition(settings.when)};
  rule.request_edits = to_edits(settings.request_edits);
  rule.response_edits = to_edits(settings.response_edits);
  if (settings.rewrite) {
    const config::Rewrite& rewrite = *settings.rewrite;
    const std::string strip = rewrite.strip_prefix;
    rule.rewrite = {compiled(rewrite.host), compiled(rewrite.path),
                    strip.empty() ? strip : http::compared_pattern(strip).value_or(strip),
                    compiled(rewrite.add_prefix)};
  }
  rule.max_body_bytes = settings.max_body_size;
  rule.response_timeout = settings.response_timeout;
  rule.idle_timeout = settings.idle_timeout;
  rule.allow = settings.allow;
  rule.deny = settings.deny;
  if (!settings.use.empty()) rule.backend = backend_index_(settings.use);
  if (settings.redirect) rule.redirect = to_redirect(*settings.redirect);
  if (settings.reply) rule.reply = build_reply(*settings.reply);
  return rule;
}

proxy::Router RuleBuilder::build_router(const config::Frontend& frontend) {
  for (const config::Acl& acl : frontend.acls) declare(acl);
  std::vector<rules::Rule> built;
  if (frontend.redirect_https) built.push_back(https_redirect(frontend.redirect_port));
  for (const config::Rule& rule : frontend.rules) built.push_back(build_rule(rule));
  return {std::move(built), backend_index_(frontend.default_backend)};
}

std::shared_ptr<const rules::StaticBody> RuleBuilder::as_response(const rules::StaticBody& file,
                                                                  const config::ErrorPage& page) const {
  if (file.text.empty())
    return nullptr;  // /dev/null: HAProxy then says nothing, and here there is reseal's own page
  auto response = rules::parse_error_file(file.text);
  if (response) return std::make_shared<const rules::StaticBody>(std::move(*response));
  report_(page.place, fmt::format("{} is no response: {}", page.file, response.error()));
  return nullptr;
}

proxy::ErrorPages RuleBuilder::build_error_pages(const std::vector<config::ErrorPage>& settings) const {
  proxy::ErrorPages pages;
  for (const config::ErrorPage& page : settings) {
    auto body = page.text.empty()
                    ? read_page(page.file, page.place)
                    : std::make_shared<const rules::StaticBody>(rules::StaticBody{{}, page.text, 0, {}});
    if (body != nullptr && page.has_head) body = as_response(*body, page);
    if (body != nullptr) pages.add(page.status, std::move(body));
  }
  return pages;
}

}  // namespace reseal::runtime
