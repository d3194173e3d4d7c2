#include <algorithm>
#include <array>
#include <utility>

#include "lb/base/text.h"
#include "lb/config/canned_checks.h"
#include "lb/config/schema_backend.h"
#include "lb/config/schema_check.h"

namespace reseal::config {
namespace {

constexpr int kMostStreak = 1000;
constexpr int kMostJitterPercent = 50;

enum class Kind : std::uint8_t { kHttp, kTcp, kSmtp, kRedis, kMysql, kPostgres, kLdap, kTlsHello };

/// The section as it is written: what becomes steps is not a check's own.
struct CheckSection : Check {
  Kind type = Kind::kHttp;
  std::string send, expect, user;
  bool has_steps = false;
};

void read_http(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.request_path(node, key, check.path);
}

void read_tcp(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  bool on = false;
  reader.boolean(node, key, on);
  if (on) check.type = Kind::kTcp;
}

constexpr std::array<std::pair<const char*, Kind>, 8> kTypes = {{
    {"http", Kind::kHttp},
    {"tcp", Kind::kTcp},
    {"smtp", Kind::kSmtp},
    {"redis", Kind::kRedis},
    {"mysql", Kind::kMysql},
    {"postgres", Kind::kPostgres},
    {"ldap", Kind::kLdap},
    {"tls_hello", Kind::kTlsHello},
}};

/// A row of where a check connects to, as the steps have it.
template <std::size_t kRow>
void connect_of(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  check_connect_keys()[kRow].read(reader, node, key, check.connect);
}
template <std::size_t kRow>
void write_connect(SectionWriter& writer, const char* key, const CheckSection& check,
                   const CheckSection& usual) {
  check_connect_keys()[kRow].write(writer, key, check.connect, usual.connect);
}
template <std::size_t kRow>
constexpr Key<CheckSection> connect_key(const char* name, const char* usual, const char* example) {
  return {name, connect_of<kRow>, usual, example, write_connect<kRow>};
}

// Said of bytes, it is a tcp check.

/// Any bytes: line ends above all.
void read_send(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  check.type = Kind::kTcp;
  if (node.is_scalar()) {
    check.send = node.text;
  } else {
    reader.text(node, key, check.send);  // tells what it is
  }
}

void read_expect(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  check.type = Kind::kTcp;
  reader.text(node, key, check.expect);
}

constexpr std::array<std::pair<const char*, std::string_view>, 3> kMethods = {
    {{"GET", "GET"}, {"HEAD", "HEAD"}, {"OPTIONS", "OPTIONS"}}};

void read_host(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.visible(node, key, "a host, such as web.internal", check.host);
}

void read_expected_status(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  read_status_ranges(reader, node, key, check.expect_status);
}
void write_expected_status(SectionWriter& writer, const char* key, const CheckSection& check,
                           const CheckSection& usual) {
  if (check.expect_status != usual.expect_status) writer.texts(key, status_texts(check.expect_status));
}

void read_jitter(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.percent(node, key, 0, kMostJitterPercent, "10%", check.jitter_percent);
}

constexpr std::array<std::pair<const char*, bool>, 2> kInitial = {{{"up", true}, {"down", false}}};

void read_steps(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  check.has_steps = true;
  read_check_steps(reader, node, key, check.steps);
}
/// But for the connecting that nobody wrote.
void write_steps(SectionWriter& writer, const char* key, const CheckSection& check, const CheckSection&) {
  if (check.has_steps) write_check_steps(writer, key, check.steps);
}

void write_http(SectionWriter& writer, const char* key, const CheckSection& check, const CheckSection&) {
  if (check.kind == CheckKind::kHttp) writer.text(key, check.path);
}
void write_tcp(SectionWriter& writer, const char* key, const CheckSection& check, const CheckSection&) {
  if (check.kind == CheckKind::kTcp) writer.boolean(key, true);
}

void read_connect_timeout(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.duration(node, key, check.connect_timeout.emplace());
}
void write_connect_timeout(SectionWriter& writer, const char* key, const CheckSection& check,
                           const CheckSection&) {
  if (check.connect_timeout) writer.duration(key, *check.connect_timeout);
}

constexpr Key<CheckSection> kCheckKeys[] = {
    {"http", read_http, "/", "/healthz", write_http},
    {"tcp", read_tcp, "false", "true", write_tcp},
    word_key<&CheckSection::type, kTypes>("type", "http", "redis"),
    text_key<&CheckSection::user>("user", "(none)", "monitor"),
    {"send", read_send, "(nothing)", "\"PING\\r\\n\""},    // written as steps
    {"expect", read_expect, "(nothing)", "\"^[+]PONG\""},  // written as steps
    {"steps", read_steps, "(none)", "[{ send: \"PING\\r\\n\" }, { expect: { text: \"+PONG\" } }]",
     write_steps},
    text_key<&Check::expect_body, CheckSection>("expect_body", "(any)", "\"status.*ok\""),
    connect_key<1>("port", "(the server's)", "8081"),
    connect_key<0>("address", "(the server's)", "10.0.0.99"),
    connect_key<2>("tls", "(as traffic)", "false"),
    connect_key<3>("sni", "(as traffic)", "web.internal"),
    connect_key<4>("alpn", "as_traffic", "h2"),
    connect_key<5>("send_proxy", "(as traffic)", "false"),
    word_key<&Check::method, kMethods, CheckSection>("method", "GET", "HEAD"),
    {"host", read_host, "(verify_host or the server's host)", "web.internal", write_text<&Check::host>},
    {"expect_status", read_expected_status, "200-399", "[200, 204, 300-399]", write_expected_status},
    duration_key<&Check::interval, CheckSection>("interval", "2s", "10s"),
    duration_key<&Check::fast_interval, CheckSection>("fast_interval", "500ms", "1s"),
    duration_key<&Check::down_interval, CheckSection>("down_interval", "(interval)", "5s"),
    duration_key<&Check::timeout, CheckSection>("timeout", "2s", "1s"),
    {"connect_timeout", read_connect_timeout, "(part of timeout)", "1s", write_connect_timeout},
    {"jitter", read_jitter, "10%", "20%", write_percent<&Check::jitter_percent>},
    integer_key<&Check::rise, 1, kMostStreak, CheckSection>("rise", "2", "1"),
    integer_key<&Check::fall, 1, kMostStreak, CheckSection>("fall", "3", "5"),
    word_key<&Check::initially_up, kInitial, CheckSection>("initial", "up", "down"),
    boolean_key<&Check::doubts_first, CheckSection>("doubt_first", "false", "true"),
    boolean_key<&Check::drains_on_404, CheckSection>("drain_on_404", "false", "true"),
    boolean_key<&Check::is_logged, CheckSection>("log", "false", "true"),
    boolean_key<&Check::tells_steps, CheckSection>("tell_steps", "false", "true"),
};

enum class Short : std::uint8_t { kOff, kTcp, kHttp };

std::vector<CheckStep> bytes_check(const CheckSection& section) {
  std::vector<CheckStep> steps = {{CheckConnect{}, "", true}};
  if (!section.send.empty()) steps.push_back({CheckSend{section.send}, "", false});
  if (section.expect.empty()) return steps;
  CheckExpect expect;
  expect.kind = ExpectKind::kRegex;
  expect.pattern = section.expect;
  steps.push_back({expect, "", false});
  return steps;
}

/// Those that are written, and a connecting before them where they do not say it themselves.
std::vector<CheckStep> steps_of(const CheckSection& section) {
  if (section.has_steps) {
    std::vector<CheckStep> steps = section.steps;
    if (steps.empty() || !std::holds_alternative<CheckConnect>(steps.front().what))
      steps.insert(steps.begin(), {CheckConnect{}, "", true});
    return steps;
  }
  switch (section.type) {
    case Kind::kHttp:
      return {};
    case Kind::kTcp:
      return section.send.empty() && section.expect.empty() ? std::vector<CheckStep>{} : bytes_check(section);
    case Kind::kSmtp:
      return smtp_check();
    case Kind::kRedis:
      return redis_check();
    case Kind::kMysql:
      return mysql_check(section.user);
    case Kind::kPostgres:
      return postgres_check(section.user);
    case Kind::kLdap:
      return ldap_check();
    case Kind::kTlsHello:
      return tls_hello_check();
  }
  return {};
}

/// Keys that say nothing of a check of this type.
void refuse_strangers(ValueReader& reader, const YamlNode& node, const CheckSection& section) {
  const auto refuse = [&](std::initializer_list<const char*> keys, const std::string& why) {
    for (const char* key : keys) {
      if (const YamlNode* value = node.find(key)) reader.error(value->place, key + why);
    }
  };
  if (section.type != Kind::kHttp) {
    refuse({"http", "method", "host", "expect_status", "expect_body"},
           " is of an http check, and this one is of another type");
  }
  if (section.type != Kind::kTcp)
    refuse({"send", "expect"}, " is of a tcp check, and this one is of another type");
  if (section.type != Kind::kMysql && section.type != Kind::kPostgres)
    refuse({"user"}, " is of a check of type mysql or postgres");
  if (section.has_steps) {
    refuse(
        {"http", "tcp", "type", "user", "send", "expect", "method", "host", "expect_status", "expect_body"},
        " is of a check that does not say its steps");
    const bool connects =
        !section.steps.empty() && std::holds_alternative<CheckConnect>(section.steps.front().what);
    if (connects && section.connect != CheckConnect())
      reader.error(node.place, "the first of the steps says itself where the check connects to");
    return;
  }
  if (section.type == Kind::kPostgres && section.user.empty())
    reader.error(node.place, "a check of type postgres needs a user");
}

/// The check that the section stands for.
Check finished(CheckSection section) {
  const bool says_first = section.has_steps && !section.steps.empty() &&
                          std::holds_alternative<CheckConnect>(section.steps.front().what);
  section.steps = steps_of(section);
  if (!section.steps.empty()) {
    section.kind = CheckKind::kSteps;
    if (!says_first) section.steps.front().what = std::exchange(section.connect, {});
  } else if (section.type == Kind::kTcp) {
    section.kind = CheckKind::kTcp;
  }
  return section;
}

/// A well-known check by its name, if the steps are those of one.
bool name_canned(CheckSection& section) {
  for (const auto& [name, type] : kTypes) {
    if (type == Kind::kHttp || type == Kind::kTcp || type == Kind::kPostgres) continue;
    CheckSection canned;
    canned.type = type;
    std::vector<CheckStep> steps = steps_of(canned);
    steps.front().what = section.connect;
    if (steps != section.steps) continue;
    section.type = type;
    return true;
  }
  return false;
}

/// The section that stands for the check.
CheckSection unfinished(const Check& check) {
  CheckSection section;
  static_cast<Check&>(section) = check;
  if (check.kind == CheckKind::kTcp) section.type = Kind::kHttp;  // `tcp: true` says it
  if (check.kind != CheckKind::kSteps) return section;
  const auto* connect = std::get_if<CheckConnect>(&check.steps.front().what);
  if (connect != nullptr) section.connect = *connect;
  if (name_canned(section)) return section;
  section.has_steps = true;
  const CheckStep implied{section.connect, "", true};
  if (connect != nullptr && check.steps.front() == implied) {
    section.steps.erase(section.steps.begin());
  } else {
    section.connect = {};
  }
  return section;
}

}  // namespace

void read_check(ValueReader& reader, const YamlNode& node, const char* key, const std::string& owner,
                std::optional<Check>& out) {
  CheckSection check;
  check.place = node.place;
  if (!node.is_map()) {
    Short kind = Short::kOff;
    reader.word<Short>(node, key, {{"off", Short::kOff}, {"tcp", Short::kTcp}, {"http", Short::kHttp}}, kind);
    check.type = kind == Short::kTcp ? Kind::kTcp : Kind::kHttp;
    if (kind != Short::kOff) out = finished(check);
    return;
  }
  read_section<CheckSection>(reader, node, "check of " + owner, kCheckKeys, check);
  refuse_strangers(reader, node, check);
  if (node.find("down_interval") == nullptr) check.down_interval = check.interval;
  if (node.find("fast_interval") == nullptr)
    check.fast_interval = std::min(check.fast_interval, check.interval);
  out = finished(std::move(check));
}

void write_check(SectionWriter& writer, const char* key, const Check& check) {
  CheckSection usual;
  usual.down_interval = check.interval;
  usual.fast_interval = std::min(usual.fast_interval, check.interval);
  writer.section(key, [&](SectionWriter& inner) {
    write_section<CheckSection>(inner, kCheckKeys, unfinished(check), usual);
  });
}

void append_check_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<CheckSection>(all, prefix, kCheckKeys);
  append_check_step_keys(all, prefix + "steps.");
}

}  // namespace reseal::config
