#include <algorithm>

#include "lb/base/text.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

constexpr int kMostStreak = 100;
constexpr int kMostJitterPercent = 50;

void read_http(ValueReader& reader, const YamlNode& node, const char* key, Check& check) {
  reader.request_path(node, key, check.path);
}

void read_tcp(ValueReader& reader, const YamlNode& node, const char* key, Check& check) {
  bool on = false;
  reader.boolean(node, key, on);
  if (on) check.kind = CheckKind::kTcp;
}

void read_method(ValueReader& reader, const YamlNode& node, const char* key, Check& check) {
  reader.word<std::string>(node, key, {{"GET", "GET"}, {"HEAD", "HEAD"}, {"OPTIONS", "OPTIONS"}},
                           check.method);
}

void read_host(ValueReader& reader, const YamlNode& node, const char* key, Check& check) {
  reader.visible(node, key, "a host, such as web.internal", check.host);
}

void read_expected_status(ValueReader& reader, const YamlNode& node, const char* key, Check& check) {
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

void read_jitter(ValueReader& reader, const YamlNode& node, const char* key, Check& check) {
  reader.percent(node, key, 0, kMostJitterPercent, "10%", check.jitter_percent);
}

void read_initial(ValueReader& reader, const YamlNode& node, const char* key, Check& check) {
  reader.word<bool>(node, key, {{"up", true}, {"down", false}}, check.initially_up);
}

constexpr Key<Check> kCheckKeys[] = {
    {"http", read_http, "/", "/healthz"},
    {"tcp", read_tcp, "false", "true"},
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

}  // namespace

void read_check(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  Check check;
  check.place = node.place;
  if (!node.is_map()) {
    Short kind = Short::kOff;
    reader.word<Short>(node, key, {{"off", Short::kOff}, {"tcp", Short::kTcp}, {"http", Short::kHttp}}, kind);
    check.kind = kind == Short::kTcp ? CheckKind::kTcp : CheckKind::kHttp;
    if (kind != Short::kOff) backend.check = check;
    return;
  }
  read_section<Check>(reader, node, "check of backend '" + backend.name + "'", kCheckKeys, check);
  if (check.kind == CheckKind::kTcp) {
    for (const char* http_only : {"http", "method", "host", "expect_status"}) {
      if (const YamlNode* value = node.find(http_only)) {
        reader.error(value->place,
                     std::string(http_only) + " is of an http check, and this one has tcp: true");
      }
    }
  }
  if (node.find("down_interval") == nullptr) check.down_interval = check.interval;
  if (node.find("fast_interval") == nullptr)
    check.fast_interval = std::min(check.fast_interval, check.interval);
  backend.check = std::move(check);
}

void append_check_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Check>(all, prefix, kCheckKeys);
}

}  // namespace reseal::config
