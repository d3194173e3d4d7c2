#include "lb/rules/condition.h"

#include <catch2/catch.hpp>

#include "lb/http/path.h"

using namespace reseal;
using namespace reseal::rules;

namespace {

/// One request, as RequestRules would have it.
class Request {
 public:
  Request(std::string_view method, std::string_view host, std::string_view path,
          std::vector<std::pair<std::string, std::string>> lines = {}, const char* client = "192.0.2.1")
      : client_(*net::Address::parse(client, 1)), lines_(std::move(lines)), head_(pool_) {
    head_.method_text = method;
    for (const auto& [name, value] : lines_) head_.add(http::field_name(name), name, value);
    facts_.method = method;
    facts_.host = host;
    facts_.path = path;
    facts_.compared_path = http::compared_path(path, head_.arena);
    facts_.client_socket = &client_;
  }
  [[nodiscard]] bool taken_by(const Condition& condition) const { return condition.holds(head_, facts_); }
  http::RequestHead& head() { return head_; }
  RequestFacts& facts() { return facts_; }

 private:
  BufferPool pool_;
  net::Address client_;
  std::vector<std::pair<std::string, std::string>> lines_;
  http::RequestHead head_;
  RequestFacts facts_;
};

Condition with(void (*fill)(Matches&)) {
  Condition condition;
  fill(condition.all);
  return condition;
}

Condition without(void (*fill)(Matches&)) {
  Condition condition;
  fill(condition.none);
  return condition;
}

}  // namespace

TEST_CASE("no condition takes every request") {
  CHECK(Request("GET", "h", "/").taken_by(Condition{}));
}

TEST_CASE("hosts are compared in any case, with one kind of wildcard") {
  const Condition condition = with([](Matches& m) { m.hosts = {"a.example", "*.example.org"}; });
  for (const auto& [host, taken] : std::vector<std::pair<const char*, bool>>{{"a.example", true},
                                                                             {"A.Example", true},
                                                                             {"b.example", false},
                                                                             {"x.example.org", true},
                                                                             {"x.Y.EXAMPLE.org", true},
                                                                             {"example.org", false},
                                                                             {"evilexample.org", false},
                                                                             {"", false}}) {
    INFO(host);
    CHECK(Request("GET", host, "/").taken_by(condition) == taken);
  }
}

TEST_CASE("paths are compared decoded, exactly or by whole segments") {
  const Condition exact = with([](Matches& m) { m.paths = {"/status", "/@me"}; });
  const Condition below = with([](Matches& m) { m.path_prefixes = {"/admin", "/x/"}; });
  struct Case {
    const char* path;
    bool exact;
    bool below;
  };
  for (const Case& c : {Case{"/status", true, false},
                        {"/%40me", true, false},
                        {"/status;v=1", true, false},
                        {"/status/", false, false},
                        {"/admin", false, true},
                        {"/admin/x", false, true},
                        {"/admin;x", false, true},
                        {"/admin;x=1/y", false, true},
                        {"/;x/admin", false, true},
                        {"/admin%2Fx", false, true},
                        {"/%5Cadmin", false, true},
                        {"/adminx", false, false},
                        {"/Admin", false, false},
                        {"/x", false, false},
                        {"/x/y", false, true}}) {
    INFO(c.path);
    CHECK(Request("GET", "h", c.path).taken_by(exact) == c.exact);
    CHECK(Request("GET", "h", c.path).taken_by(below) == c.below);
  }
}

TEST_CASE("methods are exact, addresses are blocks") {
  const Condition methods = with([](Matches& m) { m.methods = {"GET", "HEAD"}; });
  CHECK(Request("HEAD", "h", "/").taken_by(methods));
  CHECK_FALSE(Request("POST", "h", "/").taken_by(methods));
  CHECK_FALSE(Request("get", "h", "/").taken_by(methods));
  const Condition addresses = with([](Matches& m) {
    REQUIRE(m.addresses.add("10.0.0.0/8"));
    REQUIRE(m.addresses.add("2001:db8::/32"));
  });
  CHECK(Request("GET", "h", "/", {}, "10.1.2.3").taken_by(addresses));
  CHECK(Request("GET", "h", "/", {}, "::ffff:10.1.2.3").taken_by(addresses));
  CHECK(Request("GET", "h", "/", {}, "2001:db8::1").taken_by(addresses));
  CHECK_FALSE(Request("GET", "h", "/", {}, "11.0.0.1").taken_by(addresses));
}

TEST_CASE("a field is asked for by name, by value, and in every line and list it comes in") {
  const Condition present = with([](Matches& m) { m.headers = {{{"X-A", "X-B"}, {}}}; });
  const Condition value = with([](Matches& m) { m.headers = {{{"X-Role"}, {"admin", "root, too"}}}; });
  const Condition both = with([](Matches& m) { m.headers = {{{"X-A"}, {"1"}}, {{"X-B"}, {"2"}}}; });
  CHECK(Request("GET", "h", "/", {{"x-b", ""}}).taken_by(present));
  CHECK_FALSE(Request("GET", "h", "/", {{"X-C", "1"}}).taken_by(present));
  for (const auto& [text, taken] : std::vector<std::pair<const char*, bool>>{{"admin", true},
                                                                             {"user, admin", true},
                                                                             {"admin,user", true},
                                                                             {"root, too", true},
                                                                             {"Admin", false},
                                                                             {"adminx", false},
                                                                             {"root", false},
                                                                             {"", false}}) {
    INFO(text);
    CHECK(Request("GET", "h", "/", {{"X-Role", text}}).taken_by(value) == taken);
    CHECK(Request("GET", "h", "/", {{"X-Role", "user"}, {"x-role", text}}).taken_by(value) == taken);
  }
  CHECK(Request("GET", "h", "/", {{"X-A", "1"}, {"X-B", "2"}}).taken_by(both));
  CHECK_FALSE(Request("GET", "h", "/", {{"X-A", "1"}}).taken_by(both));
}

TEST_CASE("a field that was dropped is not seen, and an upgrade is one without a field") {
  const Condition present = with([](Matches& m) { m.headers = {{{"X-A"}, {}}}; });
  Request dropped("GET", "h", "/", {{"X-A", "1"}});
  dropped.head().fields.front().drop = true;
  CHECK_FALSE(dropped.taken_by(present));
  const Condition websocket = with([](Matches& m) { m.headers = {{{"Upgrade"}, {"websocket"}}}; });
  Request upgrade("GET", "h", "/");
  CHECK_FALSE(upgrade.taken_by(websocket));
  upgrade.head().upgrade = "websocket";
  CHECK(upgrade.taken_by(websocket));
}

TEST_CASE("everything named must hold, and nothing named under not may") {
  const Condition all = with([](Matches& m) {
    m.path_prefixes = {"/api"};
    m.methods = {"GET"};
  });
  CHECK(Request("GET", "h", "/api").taken_by(all));
  CHECK_FALSE(Request("POST", "h", "/api").taken_by(all));
  CHECK_FALSE(Request("GET", "h", "/").taken_by(all));
  const Condition none = without([](Matches& m) {
    m.path_prefixes = {"/api"};
    m.methods = {"GET"};
  });
  CHECK(Request("POST", "h", "/").taken_by(none));
  CHECK_FALSE(Request("GET", "h", "/").taken_by(none));
  CHECK_FALSE(Request("POST", "h", "/api").taken_by(none));
}

TEST_CASE("alpn holds for any protocol that the client offers, exactly") {
  using namespace std::string_literals;
  const Condition condition = with([](Matches& m) { m.protocols = {"acme-tls/1", "h2"}; });
  const Condition other = without([](Matches& m) { m.protocols = {"acme-tls/1", "h2"}; });
  for (const auto& [offered, taken] : std::vector<std::pair<std::string, bool>>{
           {"", false},
           {"\2h2", true},
           {"\2H2", false},
           {"\1h", false},
           {"\3h22", false},
           {"\5xh2\2h", false},
           {"\x08http/1.1\2h2", true},
           {"\2h2\x08http/1.1", true},
           {"\x0a"s + "acme-tls/1", true},
           {"\xff"s + std::string(255, 'x') + "\2h2", true},
           // Never from the parser, which refuses such lists; must not be read past its end all the same.
           {"\2h", false},
           {"\0\2h2"s, true},
       }) {
    INFO(offered);
    Request request("", "", "/");
    request.facts().alpn = offered;
    CHECK(request.taken_by(condition) == taken);
    CHECK(request.taken_by(other) == !taken);
  }
}
