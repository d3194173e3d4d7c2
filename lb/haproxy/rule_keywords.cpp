// What is done with connections, requests and responses: ACLs, rules, and which backend. Their words are kept as they are; a
// generation makes sense of them (runtime/rule_set_builder).
#include <algorithm>
#include <array>

#include "lb/haproxy/capture_keywords.h"
#include "lb/haproxy/finish.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/values.h"
#include "lb/http/message.h"
#include "lb/rules/header_edit.h"

namespace reseal::haproxy {
namespace {

struct NoEffect {
  std::string_view action;
  std::string_view why;
};
constexpr std::array kWithoutEffect = {
    NoEffect{"cache-store", "nothing is stored"},
    NoEffect{"cache-use", "nothing is stored"},
    NoEffect{"disable-l7-retry", "only what 'retry-on' says is tried again"},
    NoEffect{"set-mark", "packets are not marked"},
    NoEffect{"set-nice", "every connection has the same right to the processor"},
    NoEffect{"set-tos", "packets are not marked"},
    NoEffect{"strict-mode", "a field that cannot be written is left out"},
    NoEffect{"wait-for-handshake", "handshakes are always complete"},
};

/// Whether the rule does nothing here although HAProxy takes it; told if so.
bool is_without_effect(Translator& translator, const Line& line, std::size_t at) {
  const std::string& action = line.words[at].text;
  for (const NoEffect& each : kWithoutEffect) {
    if (each.action != action) continue;
    translator.notice_once(line, "the action '" + action + "' has no effect: " + std::string(each.why));
    return true;
  }
  if (action == "wait-for-body" && line.words.front().text == "http-response") {
    translator.notice_once(
        line, "'http-response wait-for-body' has no effect: rules do not look at the bodies of responses");
    return true;
  }
  const bool edits = action.ends_with("-header") || action == "replace-value";
  if (!edits || at + 1 >= line.words.size()) return false;
  const std::string& field = line.words[at + 1].text;
  if (http::field_name(field) == http::FieldName::kHost) return false;
  const std::string_view why = rules::why_not_editable(field);
  if (why.empty()) return false;
  translator.notice(line, "'" + action + " " + field + "' has no effect: " + std::string(why));
  return true;
}

/// `errorfiles NAME` of a rule that answers, as the one file of that group that it means. False: reported.
bool resolve_error_group(Translator& translator, const Line& line, std::size_t at, config::RuleLine& rule) {
  const std::string& action = rule.words.front();
  if (action != "deny" && action != "tarpit" && action != "return") return true;
  const auto word = std::ranges::find(rule.words, "errorfiles");
  if (word == rule.words.end()) return true;
  const auto index = static_cast<std::size_t>(word - rule.words.begin());
  if (index + 1 >= rule.words.size() || !translator.error_groups.contains(rule.words[index + 1])) {
    translator.error(
        line, at + index,
        "'errorfiles' needs the name of a section 'http-errors'" +
            (index + 1 < rule.words.size() ? ", and '" + rule.words[index + 1] + "' is none" : ""));
    return false;
  }
  const bool is_response = line.words.front().text == "http-response";
  int status = action == "return" ? 200 : action == "tarpit" ? 500 : is_response ? 502 : 403;
  for (std::size_t i = 1; i + 1 < rule.words.size(); ++i) {
    if (rule.words[i] == "status" || rule.words[i] == "deny_status")
      status = parse_number(rule.words[i + 1], 200, 599).value_or(status);
  }
  const auto& pages = translator.error_groups.at(rule.words[index + 1]);
  const auto page = std::ranges::find(pages, status, &config::ErrorPage::status);
  if (page == pages.end()) {
    translator.notice(line, "'http-errors " + rule.words[index + 1] + "' has nothing for status " +
                                std::to_string(status) + ": the default page is answered");
    rule.words[index] = "default-errorfiles";
    rule.words.erase(rule.words.begin() + static_cast<std::ptrdiff_t>(index) + 1);
    rule.places.erase(rule.places.begin() + static_cast<std::ptrdiff_t>(index) + 1);
    return true;
  }
  rule.words[index] = "errorfile";
  rule.words[index + 1] = page->file;
  return true;
}

/// Behind the word that names the list.
void add_rule(Translator& translator, const Line& line, std::size_t at, std::vector<config::RuleLine>& list) {
  if (at >= line.words.size() || is_without_effect(translator, line, at)) return;
  config::RuleLine rule = translator.rule_of(line, at);
  const ProxyDraft& proxy = *translator.proxy;
  if (rule.words.front() == "set-timeout" && proxy.is_frontend && !proxy.is_backend) {
    translator.error(line, at,
                     "'set-timeout' sets timeouts of servers: it belongs into a backend, and '" + proxy.name +
                         "' has no backend capability");
    return;
  }
  if (!resolve_error_group(translator, line, at, rule)) return;
  const bool of_response = &list == &translator.proxy->rules.http_response ||
                           &list == &translator.proxy->rules.http_after_response;
  if (rule.words.front() == "capture" && !finish_capture(translator, line, of_response, rule)) return;
  list.push_back(std::move(rule));
}

/// Rules for HTTP do nothing in mode tcp, and that is known only when the whole section has been read (finish_frontend).
void read_http_request(Translator& translator, const Line& line) {
  add_rule(translator, line, 1, translator.proxy->rules.http_request);
}
void read_http_response(Translator& translator, const Line& line) {
  add_rule(translator, line, 1, translator.proxy->rules.http_response);
}
void read_http_after_response(Translator& translator, const Line& line) {
  add_rule(translator, line, 1, translator.proxy->rules.http_after_response);
}

void read_acl(Translator& translator, const Line& line) {
  if (translator.argument(line, 1, "the name of an ACL").empty()) return;
  translator.proxy->rules.acls.push_back(translator.rule_of(line, 1));
}

void read_inspect_delay(Translator& translator, const Line& line) {
  const std::string time = translator.argument(line, 2, "a time such as 5s");
  if (time.empty()) return;
  translator.proxy->inspect_delay = translator.value_or(parse_time(time), line, 2, Duration(0));
  translator.expect_end(line, 3);
}

void read_tcp_request(Translator& translator, const Line& line) {
  config::RuleLines& rules = translator.proxy->rules;
  const std::string& where = line.words[1].text;  // the vocabulary has made sure of it
  if (where == "inspect-delay") {
    read_inspect_delay(translator, line);
  } else if (where == "connection") {
    add_rule(translator, line, 2, rules.tcp_connection);
  } else if (where == "session") {
    add_rule(translator, line, 2, rules.tcp_session);
  } else if (where == "content") {
    add_rule(translator, line, 2, rules.tcp_content);
  }
}

void read_tcp_response(Translator& translator, const Line& line) {
  const std::string& where = line.words[1].text;
  if (where == "content") {
    add_rule(translator, line, 2, translator.proxy->rules.tcp_response);
    return;
  }
  translator.notice_once(
      line,
      "'tcp-response inspect-delay' has no effect: 'tcp-response content' is asked as soon as there "
      "is a response, or in mode tcp a server");
}

void read_use_backend(Translator& translator, const Line& line) {
  if (translator.argument(line, 1, "the name of a backend").empty()) return;
  translator.proxy->rules.use_backend.push_back(translator.rule_of(line, 1));
}

/// `redirect`: as `http-request redirect`, but where to is no format.
void read_redirect(Translator& translator, const Line& line) {
  config::RuleLine rule = translator.rule_of(line, 0);
  config::double_percents(rule);
  translator.proxy->rules.redirect.push_back(std::move(rule));
}

void read_monitor_uri(Translator& translator, const Line& line) {
  translator.proxy->monitor_uri = translator.argument(line, 1, "a path");
  translator.proxy->monitor_place = translator.place_of(line, 1);
  translator.expect_end(line, 2);
}

void read_monitor(Translator& translator, const Line& line) {
  if (line.words.size() < 4 || line.words[1].text != "fail" || line.words[2].text != "if") {
    translator.error(line, std::min<std::size_t>(2, line.words.size() - 1),
                     "'monitor fail if CONDITION' is expected");
    return;
  }
  translator.proxy->monitor_fails.push_back(translator.rule_of(line, 2));
}

std::vector<std::string> monitor_answer(const char* status, const std::string& title,
                                        const std::string& text) {
  return {"return",        "status",
          status,          "content-type",
          "text/html",     "hdr",
          "cache-control", "no-cache",
          "string",        "<html><body><h1>" + title + "</h1>\n" + text + ".\n</body></html>\n"};
}

/// Rules that no line has: about requests for the monitor's URI.
class Asked {
 public:
  explicit Asked(const ProxyDraft& draft)
      : condition_{"{", "path", "-m", "str", "--", draft.monitor_uri, "}"}, place_(draft.monitor_place) {}

  /// `condition`, if there is one, must hold too: "if A B or C".
  [[nodiscard]] config::RuleLine rule(std::vector<std::string> words,
                                      const config::RuleLine* condition = nullptr) const {
    config::RuleLine rule{std::move(words), {}};
    rule.words.emplace_back("if");
    add_condition(rule);
    if (condition != nullptr) {
      for (std::size_t i = 1; i < condition->words.size(); ++i) {
        const std::string& word = condition->words[i];
        rule.places.resize(rule.words.size(), place_);
        rule.words.push_back(word);
        rule.places.push_back(condition->places[i]);
        if (word == "or" || word == "||") add_condition(rule);
      }
    }
    rule.places.resize(rule.words.size(), place_);
    return rule;
  }

 private:
  void add_condition(config::RuleLine& rule) const {
    rule.words.insert(rule.words.end(), condition_.begin(), condition_.end());
  }

  std::vector<std::string> condition_;
  config::Place place_;
};

constexpr std::array kOptions = {
    KeywordHandler{"http-buffer-request",
                   [](Translator& translator, const Line& line) {
                     translator.proxy->rules.buffers_body = line.words.front().text != "no";
                   },
                   true},
};

constexpr std::array kKeywords = {
    KeywordHandler{"acl", read_acl},
    KeywordHandler{"http-after-response", read_http_after_response},
    KeywordHandler{"http-request", read_http_request},
    KeywordHandler{"http-response", read_http_response},
    KeywordHandler{"monitor", read_monitor},
    KeywordHandler{"monitor-uri", read_monitor_uri},
    KeywordHandler{"redirect", read_redirect},
    KeywordHandler{"tcp-request", read_tcp_request},
    KeywordHandler{"tcp-response", read_tcp_response},
    KeywordHandler{"use_backend", read_use_backend},
};

}  // namespace

KeywordTable rule_keywords() {
  return {kKeywords, kOptions};
}

namespace {

/// `stats http-request`: asked after all others, and only about the page.
void add_stats_rules(const ProxyDraft& draft, config::RuleLines& rules) {
  if (draft.stats_rules.empty() || !draft.stats_page) return;
  config::RuleLine others{{"allow", "unless", "{", "pathq", "-m", "beg", "--", draft.stats_page->uri, "}"},
                          {}};
  others.places.assign(others.words.size(), draft.stats_rules.front().places.front());
  rules.handover.push_back(std::move(others));
  rules.handover.insert(rules.handover.end(), draft.stats_rules.begin(), draft.stats_rules.end());
}

}  // namespace

config::RuleLines finish_rules(Translator& translator, const ProxyDraft& draft, const Line& line) {
  config::RuleLines rules = draft.rules;
  if (draft.mode == config::Mode::kTcp) {
    const bool has_http = !rules.http_request.empty() || !rules.redirect.empty() ||
                          !rules.http_response.empty() || !rules.http_after_response.empty();
    if (has_http)
      translator.notice_once(line, "rules for HTTP of '" + draft.name + "' have no effect in mode tcp");
    rules.buffers_body = false;
    rules.handover = {};
    rules.http_request = rules.redirect = rules.http_response = rules.http_after_response = {};
    return rules;
  }
  add_stats_rules(draft, rules);
  if (draft.monitor_uri.empty()) return rules;
  // Asked before everything else: when it fails, then that it does not.
  const Asked asked(draft);
  std::vector<config::RuleLine> monitor{asked.rule({"set-log-level", "silent"})};
  for (const config::RuleLine& condition : draft.monitor_fails)
    monitor.push_back(asked.rule(monitor_answer("503", "503 Service Unavailable", "No server"), &condition));
  monitor.push_back(asked.rule(monitor_answer("200", "200 OK", "Service ready")));
  rules.http_request.insert(rules.http_request.begin(), monitor.begin(), monitor.end());
  return rules;
}

}  // namespace reseal::haproxy
