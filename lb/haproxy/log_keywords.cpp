// What proxies log, and where.
#include <array>

#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/log_line.h"
#include "lb/rules/expression/log_format.h"

namespace reseal::haproxy {
namespace {

/// `log global`, `no log`, or a target of its own.
void read_log(Translator& translator, const Line& line) {
  LogDraft& log = translator.proxy->log;
  if (line.words.front().text == "no") {
    log.globally = false;
    log.logs.clear();
  } else if (line.words.size() > 1 && line.words[1].text == "global") {
    log.globally = true;
    translator.expect_end(line, 2);
  } else if (auto target = read_log_target(translator, line)) {
    log.logs.push_back(std::move(*target));
  }
}

// ---- formats

/// A format in one word; what is wrong with it is told here, where its line is known.
std::string read_format(Translator& translator, const Line& line) {
  std::string format = translator.argument(line, 1, "a format");
  if (line.words.size() > 2) {
    translator.error(line, 2,
                     "'" + line.words.front().text + "' takes one argument: blanks in it are written '\\ '");
  }
  rules::expression::VariableNames variables;
  rules::expression::Environment environment;
  environment.variables = &variables;
  environment.finds_names = false;
  const auto compiled = rules::expression::compile_log_format(format, environment);
  if (compiled) return format;
  translator.error(line, 1, "'" + line.words.front().text + "': " + compiled.error().message);
  return "";
}

template <std::string LogDraft::* kMember>
void read_a_format(Translator& translator, const Line& line) {
  translator.proxy->log.*kMember = read_format(translator, line);
}

void read_log_format(Translator& translator, const Line& line) {
  translator.proxy->log.format = read_format(translator, line);
  translator.proxy->log.is_of_requests = false;
}

void take_format(Translator& translator, std::string_view format, bool is_of_requests) {
  translator.proxy->log.format = format;
  translator.proxy->log.is_of_requests = is_of_requests;
}

/// `option httplog [clf]`
void read_httplog(Translator& translator, const Line& line) {
  const bool common = line.words.size() > 2;
  if (common && line.words[2].text != "clf")
    translator.error(line, 2, "'option httplog' takes 'clf' or nothing behind it");
  translator.expect_end(line, 3);
  take_format(translator, common ? stats::kClflog : stats::kHttplog, true);
}

void read_log_tag(Translator& translator, const Line& line) {
  translator.proxy->log.tag = translator.argument(line, 1, "a name");
}

// ---- unique ids

void read_unique_id_format(Translator& translator, const Line& line) {
  translator.proxy->log.unique_id.format = read_format(translator, line);
}

void read_unique_id_header(Translator& translator, const Line& line) {
  translator.proxy->log.unique_id.field = translator.argument(line, 1, "the name of a field");
}

constexpr std::array kKeywords = {
    KeywordHandler{"log", read_log},
    KeywordHandler{"log-format", read_log_format},
    KeywordHandler{"log-format-sd", read_a_format<&LogDraft::structured_data>},
    KeywordHandler{"error-log-format", read_a_format<&LogDraft::error_format>},
    KeywordHandler{"log-tag", read_log_tag},
    KeywordHandler{"unique-id-format", read_unique_id_format},
    KeywordHandler{"unique-id-header", read_unique_id_header},
};

// ---- options

bool is_on(const Line& line) {
  return line.words.front().text != "no";
}

template <bool stats::LogPolicy::* kMember>
void read_policy(Translator& translator, const Line& line) {
  translator.proxy->log.policy.*kMember = is_on(line);
}

template <bool LogDraft::* kMember>
void read_switch(Translator& translator, const Line& line) {
  translator.proxy->log.*kMember = is_on(line);
}

void read_tcplog(Translator& translator, const Line& line) {
  take_format(translator, stats::kTcplog, false);
  translator.expect_end(line, 2);
}

void read_httpslog(Translator& translator, const Line& line) {
  take_format(translator, stats::kHttpslog, true);
  translator.expect_end(line, 2);
}

constexpr std::array kOptions = {
    KeywordHandler{"httplog", read_httplog},
    KeywordHandler{"httpslog", read_httpslog},
    KeywordHandler{"tcplog", read_tcplog},
    KeywordHandler{"dontlognull", read_switch<&LogDraft::without_null>, true},
    KeywordHandler{"dontlog-normal", read_policy<&stats::LogPolicy::only_errors>, true},
    KeywordHandler{"log-separate-errors", read_policy<&stats::LogPolicy::separate_errors>, true},
    KeywordHandler{"logasap", read_policy<&stats::LogPolicy::early>, true},
};

}  // namespace

KeywordTable log_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
