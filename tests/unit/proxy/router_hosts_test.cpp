// Rules for hosts are found by a table: what a list of rules means is not changed by that.
#include <catch2/catch.hpp>
#include <random>

#include "lb/proxy/router.h"

using namespace reseal;
using namespace reseal::proxy;

namespace {

using Generator = std::mt19937;

std::string random_host(Generator& random) {
  return "site" + std::to_string(random() % 12) + ".example";
}

/// Decides, allows or changes something; its number is to be seen in whatever it does.
rules::Rule random_rule(Generator& random, std::uint32_t number) {
  rules::Rule rule;
  if (random() % 5 != 0) rule.when.all.hosts.push_back(random_host(random));
  if (random() % 4 == 0) rule.when.all.hosts.push_back(random_host(random));
  if (random() % 4 == 0) rule.when.all.path_prefixes = {"/a"};
  if (random() % 2 == 0) rule.rewrite = rules::Rewrite{{}, {}, "/" + std::to_string(number), {}};
  if (random() % 8 == 0) rule.max_body_bytes = number;
  if (random() % 8 == 0) rule.response_timeout = Duration(number);
  if (random() % 8 == 0) rule.idle_timeout = Duration(number);
  const int number_as_status = static_cast<int>(number);
  switch (random() % 10) {
    case 0:
      rule.allow = true;
      break;
    case 1:
    case 2:
      rule.deny = number_as_status + 1;
      break;
    case 3:
      rule.redirect = rules::Redirect{number_as_status, {}};
      break;
    case 4:
      rule.reply = rules::Reply{number_as_status, nullptr, {}};
      break;
    case 5:
      rule.backend = number;
      break;
    default:
      break;
  }
  return rule;
}

/// The same conditions in a form that no table is made of: a pattern beside the hosts, that takes none of them.
std::vector<rules::Rule> without_table(std::vector<rules::Rule> rules) {
  for (rules::Rule& rule : rules) {
    if (!rule.when.all.hosts.empty()) rule.when.all.hosts.emplace_back("*.invalid");
  }
  return rules;
}

std::string text_of(const Decision& decision) {
  std::string text =
      std::to_string(static_cast<int>(decision.outcome)) + " backend " + std::to_string(decision.backend);
  if (const rules::Rule* rule = decision.rule) {
    text += " deny " + std::to_string(rule->deny);
    if (rule->redirect) text += " redirect " + std::to_string(rule->redirect->status);
    if (rule->reply) text += " reply " + std::to_string(rule->reply->status);
  }
  for (const rules::Rule* rule : decision.changes) text += " " + rule->rewrite->strip_prefix;
  text += " body " + std::to_string(decision.max_body_bytes.value_or(0));
  text += " response " + std::to_string(decision.response_timeout.value_or(Duration()).count());
  return text + " idle " + std::to_string(decision.idle_timeout.value_or(Duration()).count());
}

}  // namespace

TEST_CASE("a list of rules with a table of its hosts decides as the same list without") {
  Generator random(12);  // NOLINT(cert-msc51-cpp): the same lists each time
  BufferPool pool;
  http::RequestHead head(pool);
  Decision decision;
  std::size_t decided = 0;
  for (int round = 0; round < 1000; ++round) {
    std::vector<rules::Rule> rules(random() % 40);
    for (std::uint32_t at = 0; at < rules.size(); ++at) rules[at] = random_rule(random, at);
    const Router plain(without_table(rules), 1000);
    const Router indexed(rules, 1000);
    for (int request = 0; request < 20; ++request) {
      const std::string host = random_host(random);
      rules::RequestFacts facts;
      facts.host = host;
      facts.compared_path = random() % 2 == 0 ? "/a" : "/b";
      decision.reset();
      plain.decide(head, facts, decision);
      const std::string wanted = text_of(decision);
      decided += decision.rule == nullptr ? 0 : 1;
      decision.reset();
      indexed.decide(head, facts, decision);
      CAPTURE(round, host, facts.compared_path);
      REQUIRE(text_of(decision) == wanted);
    }
  }
  CHECK(decided > 5000);
}
