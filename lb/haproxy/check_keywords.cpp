// How servers are checked.
#include <array>

#include "lb/base/text.h"
#include "lb/config/canned_checks.h"
#include "lb/haproxy/check_rules.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

/// What stands behind the version: "\r\nHost: www\r\nX: y", and behind an empty line a body.
void read_hidden_fields(std::string_view text, CheckSendDraft& send) {
  constexpr std::string_view kEnd = "\r\n";
  while (text.starts_with(kEnd)) {
    text.remove_prefix(kEnd.size());
    if (text.starts_with(kEnd)) {
      send.body = text.substr(kEnd.size());
      return;
    }
    const std::string_view field = text.substr(0, text.find(kEnd));
    text.remove_prefix(field.size());
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) continue;
    send.fields.emplace_back(trim_blanks(field.substr(0, colon)), trim_blanks(field.substr(colon + 1)));
  }
}

/// `option httpchk [METHOD] [URI] [VERSION]`; nothing of one that was handed down is left.
void read_httpchk(Translator& translator, const Line& line) {
  CheckDraft& check = translator.proxy->check;
  begin_own_http_check(*translator.proxy);
  check.kind = CheckDraftKind::kHttp;
  check.httpchk = {};
  if (line.words.size() == 3) check.httpchk.target = line.words[2].text;
  if (line.words.size() > 3) {
    check.httpchk.method = line.words[2].text;
    check.httpchk.target = line.words[3].text;
  }
  if (line.words.size() > 4) {
    const std::string& version = line.words[4].text;
    const std::size_t end = std::min(version.find('\r'), version.size());
    check.httpchk.version = version.substr(0, end);
    read_hidden_fields(std::string_view(version).substr(end), check.httpchk);
  }
  translator.expect_end(line, 5);
}

void can(Translator& translator, std::vector<config::CheckStep> steps) {
  CheckDraft& check = translator.proxy->check;
  check.kind = CheckDraftKind::kCanned;
  check.canned = std::move(steps);
}

/// "user NAME" at the third word; empty if there is none.
std::string user_of(Translator& translator, const Line& line) {
  if (line.words.size() < 3) return "";
  if (line.words[2].text == "user") return translator.argument(line, 3, "a name");
  translator.error(line, 2, "'" + line.words[2].text + "' is not expected here: 'user NAME' is");
  return "";
}

void read_mysql_check(Translator& translator, const Line& line) {
  const std::string user = user_of(translator, line);
  auto auth = config::MysqlAuth::kSince41;
  if (line.words.size() > 4) {
    const std::string& word = line.words[4].text;
    if (word == "pre-41") {
      auth = config::MysqlAuth::kBefore41;
    } else if (word != "post-41") {
      translator.error(line, 4, "'" + word + "': post-41 or pre-41 is expected");
    }
  }
  translator.expect_end(line, 5);
  can(translator, config::mysql_check(user, auth));
}

void read_pgsql_check(Translator& translator, const Line& line) {
  const std::string user = user_of(translator, line);
  if (user.empty()) translator.error(line, 1, "'pgsql-check' needs 'user NAME'");
  translator.expect_end(line, 4);
  can(translator, config::postgres_check(user));
}

/// `option smtpchk [HELO|EHLO DOMAIN]`: anything else is a greeting to localhost, as with HAProxy.
void read_smtpchk(Translator& translator, const Line& line) {
  const bool is_hello =
      line.words.size() > 3 && (line.words[2].text == "HELO" || line.words[2].text == "EHLO");
  translator.expect_end(line, 4);
  can(translator,
      is_hello ? config::smtp_check(line.words[2].text + " " + line.words[3].text) : config::smtp_check());
}

template <auto kMake>
void read_canned(Translator& translator, const Line& line) {
  translator.expect_end(line, 2);
  can(translator, kMake());
}

void refuse_external(Translator& translator, const Line& line) {
  translator.error(line, 1,
                   "reseal runs no programs: say what the program asks by 'option httpchk' or 'option "
                   "tcp-check', or let it "
                   "answer HTTP by itself");
}

constexpr std::array kKeywords = {
    KeywordHandler{"http-check", read_http_check},
    KeywordHandler{"tcp-check", read_tcp_check},
    KeywordHandler{"external-check", refuse_external},
};

constexpr std::array kOptions = {
    KeywordHandler{"httpchk", read_httpchk},
    KeywordHandler{"tcp-check",
                   [](Translator& t, const Line& line) {
                     begin_own_tcp_check(*t.proxy);
                     t.proxy->check.kind = CheckDraftKind::kTcp;  // the last one said holds
                     t.expect_end(line, 2);
                   }},
    KeywordHandler{"mysql-check", read_mysql_check},
    KeywordHandler{"pgsql-check", read_pgsql_check},
    KeywordHandler{"smtpchk", read_smtpchk},
    KeywordHandler{"redis-check", read_canned<config::redis_check>},
    KeywordHandler{"ldap-check", read_canned<config::ldap_check>},
    KeywordHandler{"ssl-hello-chk", read_canned<config::tls_hello_check>},
    KeywordHandler{"log-health-checks",
                   [](Translator& t, const Line& line) {
                     t.proxy->check.is_logged = line.words.front().text != "no";
                     t.expect_end(line, line.words.front().text == "no" ? 3 : 2);
                   },
                   true},
    KeywordHandler{"external-check", refuse_external},
};

}  // namespace

KeywordTable check_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
