// haproxy_rules: of a frontend or a backend: lines of HAProxy's language as they stand in a haproxy.cfg. What is behind the
// words that name a list is looked at when a generation is built, since it may name files.
#include <array>

#include "lb/config/rule_words.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

/// Words that a line begins with, and the list that it belongs to.
struct RuleList {
  std::string_view head;
  std::vector<RuleLine> RuleLines::* lines;
  bool keeps_head;  // the last word of it is the line's first
};
constexpr std::string_view kFirstOfPersist = "force-persist";
constexpr std::array kLists = {
    RuleList{"acl", &RuleLines::acls, false},
    RuleList{"tcp-request connection", &RuleLines::tcp_connection, false},
    RuleList{"tcp-request session", &RuleLines::tcp_session, false},
    RuleList{"tcp-request content", &RuleLines::tcp_content, false},
    RuleList{"http-request", &RuleLines::http_request, false},
    RuleList{"redirect", &RuleLines::redirect, true},
    RuleList{"handover", &RuleLines::handover, false},
    RuleList{"tcp-response content", &RuleLines::tcp_response, false},
    RuleList{"http-response", &RuleLines::http_response, false},
    RuleList{"http-after-response", &RuleLines::http_after_response, false},
    RuleList{"use_backend", &RuleLines::use_backend, false},
    RuleList{"use-server", &RuleLines::use_server, false},
    RuleList{kFirstOfPersist, &RuleLines::persist, true},
    RuleList{"ignore-persist", &RuleLines::persist, true},
    RuleList{"persist", &RuleLines::persist, true},
};
constexpr std::string_view kStick = "stick";
constexpr std::string_view kBuffering = "option http-buffer-request";

std::string known_heads() {
  std::vector<std::string> names;
  for (const RuleList& list : kLists) names.emplace_back(list.head);
  names.emplace_back("stick (of a backend)");
  names.emplace_back(kBuffering);
  return one_of(names);
}

/// Behind `head`, whose words the line begins with; nothing if it does not, or if nothing is left.
std::vector<std::string> behind(const std::vector<std::string>& words, std::string_view head,
                                bool keeps_head) {
  const std::vector<std::string> names = split_rule(head);
  if (words.size() <= names.size() || !std::equal(names.begin(), names.end(), words.begin())) return {};
  return {words.begin() + static_cast<std::ptrdiff_t>(keeps_head ? 0 : names.size()), words.end()};
}

RuleLine line_of(std::vector<std::string> words, Place place) {
  RuleLine line{std::move(words), {}};
  line.places.assign(line.words.size(), place);
  return line;
}

/// False if no list takes it.
bool read_line(const std::vector<std::string>& words, Place place, RuleLines& rules,
               std::vector<RuleLine>* stick_rules) {
  if (auto rest = behind(words, kStick, false); stick_rules != nullptr && !rest.empty()) {
    stick_rules->push_back(line_of(std::move(rest), place));
    return true;
  }
  for (const RuleList& list : kLists) {
    auto rest = behind(words, list.head, list.keeps_head);
    if (rest.empty()) continue;
    RuleLine line = line_of(std::move(rest), place);
    if (list.lines == &RuleLines::redirect) double_percents(line);
    (rules.*list.lines).push_back(std::move(line));
    return true;
  }
  return false;
}

}  // namespace

void read_haproxy_rules(ValueReader& reader, const YamlNode& node, const char* key, RuleLines& rules,
                        std::vector<RuleLine>* stick_rules) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    if (text->text == kBuffering) {
      rules.buffers_body = true;
      continue;
    }
    if (read_line(split_rule(text->text), text->place, rules, stick_rules)) continue;
    reader.error(text->place, std::string(key) + " has '" + shortened(text->text) +
                                  "'; accepted: a line of HAProxy's that begins with " + known_heads());
  }
}

void write_haproxy_rules(SectionWriter& writer, const char* key, const RuleLines& rules,
                         const std::vector<RuleLine>& stick_rules) {
  std::vector<std::string> lines;
  if (rules.buffers_body) lines.emplace_back(kBuffering);
  for (const RuleList& list : kLists) {
    // They are in one list, whose order counts.
    if (list.lines == &RuleLines::persist && list.head != kFirstOfPersist) continue;
    for (RuleLine line : rules.*list.lines) {
      if (list.lines == &RuleLines::redirect) single_percents(line);
      lines.push_back((list.keeps_head ? "" : std::string(list.head) + ' ') + joined_rule(line.words));
    }
  }
  for (const RuleLine& line : stick_rules)
    lines.push_back(std::string(kStick) + ' ' + joined_rule(line.words));
  if (lines.empty()) return;
  writer.texts(key, lines);
  writer.last_in_lines();
}

void read_variables(ValueReader& reader, const YamlNode& node, const char* key,
                    Configuration& configuration) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    auto words = split_rule(text->text);
    if (words.size() >= 3 && (words[0] == "set-var" || words[0] == "set-var-fmt")) {
      configuration.variables.push_back(line_of(std::move(words), text->place));
    } else {
      reader.error(text->place,
                   std::string(key) + " has '" + shortened(text->text) +
                       "'; accepted: set-var proc.NAME EXPRESSION, set-var-fmt proc.NAME FORMAT");
    }
  }
}

void write_variables(SectionWriter& writer, const char* key, const Configuration& configuration,
                     const Configuration&) {
  std::vector<std::string> lines;
  for (const RuleLine& line : configuration.variables) lines.push_back(joined_rule(line.words));
  if (lines.empty()) return;
  writer.texts(key, lines);
  writer.last_in_lines();
}

}  // namespace reseal::config
