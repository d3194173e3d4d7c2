// The tables, the model and docs/configuration.md tell the same: every key, its default and an example that
// works.
#include "lb/config/reference.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "lb/rules/text_template.h"
#include "tests/unit/config/config_test_support.h"

using namespace reseal::config;
using namespace reseal::config::testing;

namespace {

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {(std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()};
}

std::string documentation() {
  return text_of(RESEAL_SOURCE_DIR "/docs/configuration.md");
}

/// The cells of each row whose first cell is `a.key`, by that key.
std::map<std::string, std::vector<std::string>> documented() {
  std::map<std::string, std::vector<std::string>> rows;
  std::istringstream lines(documentation());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(2));
    for (std::string cell; std::getline(row, cell, '|');) {
      while (cell.ends_with(' ')) cell.pop_back();
      cells.push_back(cell.starts_with(' ') ? cell.substr(1) : cell);
    }
    if (cells.size() == 4) rows[cells[0].substr(1, cells[0].size() - 2)] = cells;
  }
  return rows;
}

std::string without(std::string text, const std::string& characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != std::string::npos; });
  return text;
}

/// What a section needs beside the key that is looked at, in the order of the file.
const std::map<std::string, std::vector<std::pair<std::string, std::string>>> kBeside = {
    {"",
     {{"frontends", "{ web: { bind: \"127.0.0.1:1\", default: web } }"},
      {"backends",
       "{ web: { plaintext: allowed, servers: { web1: \"127.0.0.1:2\", web2: \"127.0.0.1:3\" } } }"}}},
    {"access_log", {{"to", "stdout"}}},
    {"frontends.NAME", {{"bind", "\"127.0.0.1:1\""}, {"default", "web"}}},
    {"frontends.NAME.bind", {{"address", "\"127.0.0.1:1\""}}},
    {"frontends.NAME.bind.tls", {{"certificates", "[x.pem]"}}},
    {"frontends.NAME.bind.tls.client_certificates", {{"ca", "x.pem"}}},
    {"frontends.NAME.tls.client_certificates", {{"ca", "x.pem"}}},
    {"frontends.NAME.tls", {{"certificates", "[x.pem]"}}},
    {"frontends.NAME.request_id", {{"field", "X-Request-Id"}}},
    {"frontends.NAME.rules", {{"use", "web"}}},
    {"runtime_api.sockets", {{"bind", "abns@api"}}},
    {"stick_tables.NAME", {{"type", "string"}, {"size", "10"}}},
    {"frontends.NAME.tls.listed_certificates", {{"certificate", "y.pem"}}},
    {"frontends.NAME.tls.listed_certificates.tls.client_certificates", {{"ca", "x.pem"}}},
    {"frontends.NAME.error_pages.STATUS", {{"file", "pages/other.http"}}},
    {"frontends.NAME.captures.request", {{"name", "Host"}, {"length", "1"}}},
    {"frontends.NAME.address_fields.client", {{"name", "X-Other"}}},
    {"frontends.NAME.unique_id", {{"format", "'%ci'"}}},
    {"backends.NAME.balance.hash", {{"source", "true"}}},
    {"backends.NAME.check.steps", {{"send", "x"}}},
    {"backends.NAME.persistence.server_cookie", {{"name", "OTHER"}}},
    {"frontends.NAME.rules.redirect", {{"host", "www.example.org"}}},
    {"frontends.NAME.rules.reply", {{"content_type", "text/html"}}},
    {"backends.NAME",
     {{"servers", "{ web1: \"127.0.0.1:2\", web2: \"127.0.0.1:3\" }"}, {"plaintext", "allowed"}}},
    {"backends.NAME.tls", {{"certificate", "pki/lb.pem"}}},
    {"backends.NAME.persistence.cookie", {{"name", "OTHER"}}},
    {"backends.NAME.persistence.header", {{"name", "X-Other"}}},
    {"backends.NAME.servers.NAME", {{"address", "\"127.0.0.1:2\""}}},
    {"backends.NAME.servers.NAME.agent", {{"port", "9001"}}},
};

/// A map of section `path` that holds `key: value` and what stands beside it. An empty value leaves blanks of
/// its length, so that everything else keeps its place.
std::string section(const std::string& path, const std::string& key, const std::string& value) {
  std::string text = "{ ";
  const auto beside = kBeside.find(path);
  if (beside != kBeside.end()) {
    for (const auto& [name, other] : beside->second) {
      // A frontend that redirects without TLS leads nowhere else, and a rule decides in one way.
      const bool redirects = key == "redirect" && name == "default";
      const bool decides = name == "use" && (key == "deny" || key == "redirect" || key == "reply");
      const bool is_whole = key == "to";
      // A hash is of one thing, and a step does one.
      const std::set<std::string> hashed = {"header", "uri", "parameter", "expression"};
      const std::set<std::string> steps = {"connect", "send_binary", "request", "expect"};
      const bool is_other =
          (name == "source" && hashed.contains(key)) || (name == "send" && steps.contains(key));
      if (name != key && !redirects && !decides && !is_whole && !is_other) text += name + ": " + other + ", ";
    }
  }
  return text + key + ": " + value + " }";
}

/// A whole configuration in which the key at `path` ("backends.NAME.check.rise") has this value.
std::string configuration(std::string path, std::string value) {
  for (;;) {
    const std::size_t dot = path.rfind('.');
    const std::string parent = dot == std::string::npos ? "" : path.substr(0, dot);
    const std::string key = path.substr(dot == std::string::npos ? 0 : dot + 1);
    const std::string name = key == "STATUS" ? "503" : parent.ends_with("servers") ? "web1" : "web";
    value = section(parent, key == "NAME" || key == "STATUS" ? name : key, value);
    if (parent.ends_with(".rules")) value = "[" + value + "]";
    if (parent.empty()) return value;
    path = parent;
  }
}

/// A whole configuration that shows `key` by its example: a rule that asks for alpn is one of TLS that is passed on, a check
/// with a user one of a protocol that has users.
std::string example_of(const KeyReference& key) {
  std::string text = configuration(key.key, key.example);
  if (key.key == "backends.NAME.servers.NAME.resolvers")
    text.replace(text.size() - 2, 2, ", resolvers: { internal: { tries: 2 } } }");
  if (key.key == "backends.NAME.check.user") text.replace(text.find("user:"), 5, "type: mysql, user:");
  if (!key.key.starts_with("frontends.NAME.rules.when.") || !key.key.ends_with(".alpn")) return text;
  const auto replace = [&text](const std::string& old, const std::string& by) {
    text.replace(text.find(old), old.size(), by);
  };
  replace("plaintext: allowed", "tls: passthrough");
  replace("default: web", "mode: tcp, tls: passthrough, default: web");
  return text;
}

/// The same without the key, in the same places: blanks stand for it.
std::string configuration_without(const std::string& path, const std::string& value) {
  const std::string key = path.substr(path.rfind('.') + 1) + ": " + value;
  std::string text = configuration(path, value);
  const std::size_t at = text.find(key + " }");
  REQUIRE(at != std::string::npos);
  const bool beside = text.substr(at - 2, 2) == ", ";
  return text.replace(beside ? at - 2 : at, key.size() + (beside ? 2 : 0), key.size() + (beside ? 2 : 0),
                      ' ');
}

}  // namespace

TEST_CASE("the documentation has each key, its default and its example, and no other") {
  auto rows = documented();
  for (const KeyReference& key : reference()) {
    INFO(key.key);
    REQUIRE(rows.contains(key.key));
    const auto& cells = rows[key.key];
    CHECK_FALSE(cells[1].empty());
    const bool in_words = key.default_text.starts_with('(');
    if (in_words) {
      CHECK(has(without(cells[2], "`"), without(key.default_text, "()")));
    } else {
      CHECK(has(cells[2], "`" + key.default_text + "`"));
    }
    CHECK(cells[3] == "`" + key.example + "`");
    rows.erase(key.key);
  }
  for (const auto& [key, cells] : rows) FAIL_CHECK("documented, but no key: " << key);
}

TEST_CASE("every example of the reference is accepted and means something else than the default") {
  for (const KeyReference& key : reference()) {
    const LoadResult result = load(example_of(key));
    INFO(example_of(key));
    INFO(told(result));
    CHECK(result.configuration);
    CHECK(key.example != key.default_text);
  }
}

TEST_CASE("every default of the reference is the model's") {
  int compared = 0;
  for (const KeyReference& key : reference()) {
    if (key.default_text.starts_with('(')) continue;
    const LoadResult written = load(configuration(key.key, key.default_text));
    LoadResult left_out = load(configuration_without(key.key, key.default_text));
    // These examples have `plaintext: allowed` beside them, and where `passive` stands is kept even if
    // nothing does.
    INFO(configuration(key.key, key.default_text));
    INFO(configuration_without(key.key, key.default_text));
    INFO(told(written) + told(left_out));
    REQUIRE(written.configuration);
    REQUIRE(left_out.configuration);
    if (key.key == "backends.NAME.passive") {
      left_out.configuration->backends[0].passive.place = written.configuration->backends[0].passive.place;
    }
    CHECK(*written.configuration == *left_out.configuration);
    ++compared;
  }
  CHECK(compared > 40);
}

TEST_CASE("every key of the reference is known, and only once") {
  std::set<std::string> seen;
  for (const KeyReference& key : reference()) {
    INFO(key.key);
    CHECK(seen.insert(key.key).second);
    CHECK_FALSE(key.example.empty());
    CHECK_FALSE(key.default_text.empty());
  }
}

TEST_CASE("every key is written as it is read, but for those that another one is written as") {
  // Short forms; what a section writes as a whole; rules of YAML's own, which no other language can say.
  const std::set<std::string> others = {"backends.NAME.retries", "backends.NAME.check.send",
                                        "backends.NAME.check.expect", "frontends.NAME.bind.tls"};
  for (const KeyReference& key : reference()) {
    if (key.key.starts_with("admin.") || key.key.starts_with("frontends.NAME.rules") ||
        key.key == "frontends.NAME.acl" || others.contains(key.key))
      continue;
    INFO(key.key);
    CHECK(key.is_written);
  }
}

TEST_CASE("every complete example in the documentation and the README loads without a warning") {
  std::istringstream lines(documentation() + text_of(RESEAL_SOURCE_DIR "/README.md") +
                           text_of(RESEAL_SOURCE_DIR "/docs/rules.md"));
  std::string block;
  bool inside = false;
  int examples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line == "```yaml") {
      inside = true;
      block.clear();
    } else if (line == "```" && inside) {
      inside = false;
      const LoadResult result = load(block);
      INFO(block);
      INFO(told(result));
      CHECK(result.configuration);
      CHECK(result.problems.empty());
      ++examples;
    } else if (inside) {
      block += line + "\n";
    }
  }
  CHECK(examples >= 4);
}

TEST_CASE("docs/rules.md explains every variable, and no other") {
  std::istringstream lines(text_of(RESEAL_SOURCE_DIR "/docs/rules.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| `{")) rows.push_back(line.substr(4, line.find('}') - 4));
  }
  std::vector<std::string> known;
  for (const std::string_view name : reseal::rules::TextTemplate::variable_names()) known.emplace_back(name);
  CHECK(rows == known);
}
