// What the backends' own lines say with expressions: `stick` rules, and the names of servers.
#include <fmt/format.h>

#include "lb/rules/expression/compiler.h"
#include "lb/rules/stick/key.h"
#include "lb/runtime/rule_set_builder.h"
#include "lb/runtime/server_names.h"
#include "lb/runtime/stick_words.h"

namespace reseal::runtime {
namespace {

/// What a table knows a server by.
std::string server_key(const config::Server& server, rules::stick::ServerKey key) {
  return key == rules::stick::ServerKey::kName ? server.name : fmt::format("{}:{}", server.host, server.port);
}

}  // namespace

std::optional<backends::StickRule> RuleSetBuilder::build_stick_rule(const config::RuleLine& line,
                                                                    const Compiler& compiler,
                                                                    const config::Backend& backend) {
  const StickWords words = split_stick_words(line);
  const auto wrong = [&](std::size_t word, std::string message) {
    report(line, {std::move(message), word, 0}, 0);
    return std::nullopt;
  };
  if (words.unexpected != 0) {
    return wrong(words.unexpected, "'" + line.words[words.unexpected] +
                                       "' is not expected here (accepted: 'table', 'if' and 'unless')");
  }
  auto key = compiler.expression(words.expression);
  if (!key) {
    report(line, key.error(), 1);
    return std::nullopt;
  }
  if (words.table_word != 0 && words.table.empty()) return wrong(words.table_word - 1, "'table' names none");
  backends::StickRule rule;
  rule.table = tables_.find(words.table.empty() ? backend.name : words.table);
  if (rule.table == nullptr) {
    return words.table.empty() ? wrong(0, "this section has no stick table: name the one that is meant")
                               : wrong(words.table_word, "there is no stick table '" + words.table + "'");
  }
  const auto type = rules::stick::sample_type(rule.table->definition().type);
  if (!is_convertible(key->type(), type)) {
    return wrong(1, fmt::format("the keys of the stick table '{}' are of type {}, and this one is of type {}",
                                rule.table->name(), type_name(type), type_name(key->type())));
  }
  const bool sees_response = (key->needs() & rules::expression::kNeedsResponse) != 0;
  if (sees_response && words.how != "store-response")
    return wrong(1, "there is no response yet when a server is chosen");
  if (words.condition != 0) {
    auto condition = compiler.condition(std::span(line.words).subspan(words.condition));
    if (!condition) {
      report(line, condition.error(), words.condition);
      return std::nullopt;
    }
    rule.condition = std::move(*condition);
  }
  rule.key = std::move(*key);
  rule.is_match = words.how == "on" || words.how == "match";
  rule.is_store = words.how != "match";
  for (const config::Server& server : backend.servers)
    rule.server_keys.push_back(
        rule.table->number_of(server_key(server, rule.table->definition().server_key)));
  return rule;
}

std::shared_ptr<const backends::StickRules> RuleSetBuilder::build_stick_rules(
    const config::Backend& backend) {
  if (backend.stick_rules.empty()) return nullptr;
  tables_.enter(backend.name);
  Compiler compiler(environment_);
  declare_acls(backend.rule_lines.acls, compiler);
  auto rules = std::make_shared<backends::StickRules>();
  for (const config::RuleLine& line : backend.stick_rules) {
    auto rule = build_stick_rule(line, compiler, backend);
    if (!rule) continue;
    (line.words.front() == "store-response" ? rules->response : rules->request).push_back(std::move(*rule));
  }
  for (const config::Server& server : backend.servers) rules->never_stored.push_back(server.non_stick);
  return rules;
}

std::vector<backends::ServerName> RuleSetBuilder::build_server_names(const config::Backend& backend) {
  std::vector<backends::ServerName> names;
  const auto wrong = [&](const config::ClientTls& tls, const std::string& why) {
    report_(config::Severity::kError, tls.place, "sni '" + tls.sni_expression + "': " + why);
  };
  for (const config::ClientTls* tls : names_by_request(backend)) {
    tables_.enter(backend.name);
    auto name = Compiler(environment_).expression(tls->sni_expression);
    if (!name) {
      wrong(*tls, name.error().message);
    } else if ((name->needs() & rules::expression::kNeedsResponse) != 0) {
      wrong(*tls, "there is no response yet when a server is chosen");
    } else if (!is_convertible(name->type(), rules::expression::Type::kString)) {
      wrong(*tls, fmt::format("a name is a string, and this is of type {}", type_name(name->type())));
    } else {
      names.push_back({tls->sni_expression, std::move(*name)});
    }
  }
  return names;
}

}  // namespace reseal::runtime
