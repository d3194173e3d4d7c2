#include <algorithm>

#include "lb/base/text.h"
#include "lb/config/canned_checks.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

constexpr int kMostStreak = 100;
constexpr int kMostJitterPercent = 50;

enum class Kind : std::uint8_t { kHttp, kTcp, kSmtp, kRedis, kMysql, kPostgres, kLdap, kTlsHello };

/// The section as it is written: what becomes steps is not a check's own.
struct CheckSection : Check {
  Kind type = Kind::kHttp;
  std::string send, expect, user;
};

void read_http(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.request_path(node, key, check.path);
}

void read_tcp(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  bool on = false;
  reader.boolean(node, key, on);
  if (on) check.type = Kind::kTcp;
}

void read_type(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.word<Kind>(node, key,
                    {{"http", Kind::kHttp},
                     {"tcp", Kind::kTcp},
                     {"smtp", Kind::kSmtp},
                     {"redis", Kind::kRedis},
                     {"mysql", Kind::kMysql},
                     {"postgres", Kind::kPostgres},
                     {"ldap", Kind::kLdap},
                     {"tls_hello", Kind::kTlsHello}},
                    check.type);
}

void read_port(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  int port = 0;
  reader.integer(node, key, 1, 65535, port);
  check.connect.port = static_cast<std::uint16_t>(port);
}

void read_address(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.visible(node, key, "a host name or an address", check.connect.host);
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

void read_method(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.word<std::string>(node, key, {{"GET", "GET"}, {"HEAD", "HEAD"}, {"OPTIONS", "OPTIONS"}},
                           check.method);
}

void read_host(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.visible(node, key, "a host, such as web.internal", check.host);
}

void read_expected_status(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  check.expect_status.clear();
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    const std::string_view range = text->text;
    const std::size_t dash = range.find('-');
    const auto low = parse_decimal(range.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : parse_decimal(range.substr(dash + 1));
    if (low && high && *low >= 100 && *low <= *high && *high <= 599) {
      check.expect_status.emplace_back(static_cast<int>(*low), static_cast<int>(*high));
    } else {
      reader.error(text->place, std::string(key) + " is '" + shortened(text->text) +
                                    "'; accepted: 200, 200-399, or a list of such (100 to 599)");
    }
  }
}

void read_jitter(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.percent(node, key, 0, kMostJitterPercent, "10%", check.jitter_percent);
}

void read_initial(ValueReader& reader, const YamlNode& node, const char* key, CheckSection& check) {
  reader.word<bool>(node, key, {{"up", true}, {"down", false}}, check.initially_up);
}

constexpr Key<CheckSection> kCheckKeys[] = {
    {"http", read_http, "/", "/healthz"},
    {"tcp", read_tcp, "false", "true"},
    {"type", read_type, "http", "redis"},
    {"user", text_of<&CheckSection::user>, "(none)", "monitor"},
    {"send", read_send, "(nothing)", "\"PING\\r\\n\""},
    {"expect", read_expect, "(nothing)", "\"^[+]PONG\""},
    {"expect_body", text_of<&CheckSection::expect_body>, "(any)", "\"status.*ok\""},
    {"port", read_port, "(the server's)", "8081"},
    {"address", read_address, "(the server's)", "10.0.0.99"},
    {"method", read_method, "GET", "HEAD"},
    {"host", read_host, "(verify_host or the server's host)", "web.internal"},
    {"expect_status", read_expected_status, "200-399", "[200, 204, 300-399]"},
    {"interval", duration_of<&Check::interval>, "2s", "10s"},
    {"fast_interval", duration_of<&Check::fast_interval>, "500ms", "1s"},
    {"down_interval", duration_of<&Check::down_interval>, "(interval)", "5s"},
    {"timeout", duration_of<&Check::timeout>, "2s", "1s"},
    {"jitter", read_jitter, "10%", "20%"},
    {"rise", integer_of<&Check::rise, 1, kMostStreak>, "2", "1"},
    {"fall", integer_of<&Check::fall, 1, kMostStreak>, "3", "5"},
    {"initial", read_initial, "up", "down"},
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

std::vector<CheckStep> steps_of(const CheckSection& section) {
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
  if (section.type == Kind::kPostgres && section.user.empty())
    reader.error(node.place, "a check of type postgres needs a user");
}

/// The check that the section stands for.
Check finished(CheckSection section) {
  section.steps = steps_of(section);
  if (!section.steps.empty()) {
    section.kind = CheckKind::kSteps;
    section.steps.front().what = section.connect;
  } else if (section.type == Kind::kTcp) {
    section.kind = CheckKind::kTcp;
  }
  return section;
}

}  // namespace

void read_check(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  CheckSection check;
  check.place = node.place;
  if (!node.is_map()) {
    Short kind = Short::kOff;
    reader.word<Short>(node, key, {{"off", Short::kOff}, {"tcp", Short::kTcp}, {"http", Short::kHttp}}, kind);
    check.type = kind == Short::kTcp ? Kind::kTcp : Kind::kHttp;
    if (kind != Short::kOff) backend.check = finished(check);
    return;
  }
  read_section<CheckSection>(reader, node, "check of backend '" + backend.name + "'", kCheckKeys, check);
  refuse_strangers(reader, node, check);
  if (node.find("down_interval") == nullptr) check.down_interval = check.interval;
  if (node.find("fast_interval") == nullptr)
    check.fast_interval = std::min(check.fast_interval, check.interval);
  backend.check = finished(std::move(check));
}

void append_check_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<CheckSection>(all, prefix, kCheckKeys);
}

}  // namespace reseal::config
