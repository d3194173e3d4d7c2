// Rules allocate nothing per request, once a decision and a head have had their memory: operator new is counted.
#include <catch2/catch.hpp>

#include "lb/proxy/request_rules.h"
#include "tests/support/counting_new.h"

namespace reseal::proxy {
namespace {

rules::TextTemplate text(const char* written) {
  return rules::TextTemplate::parse(written).value();
}

Router every_kind_of_rule() {
  rules::Rule denied;
  denied.when.all.path_prefixes = {"/admin"};
  denied.when.all.headers = {{{"X-Role"}, {"guest"}}};
  denied.deny = 403;
  rules::Rule changed;
  changed.when.all.hosts = {"*.example"};
  changed.when.none.methods = {"POST"};
  changed.request_edits.emplace_back(rules::HeaderEdit::Kind::kSet, "X-Client", text("<{client_address}>"));
  changed.response_edits.emplace_back(rules::HeaderEdit::Kind::kRemove, "Server", rules::TextTemplate());
  changed.rewrite = rules::Rewrite{text("{host}.internal"), {}, "/api", text("/v2")};
  rules::Rule used;
  used.backend = 1;
  std::vector<rules::Rule> all{denied, changed};
  // Enough hosts to be looked up in a table.
  for (int i = 0; i < 100; ++i) {
    rules::Rule& listed = all.emplace_back();
    listed.when.all.hosts = {"site" + std::to_string(i) + ".example", "a.example"};
    listed.max_body_bytes = 1000;
  }
  all.push_back(used);
  return {std::move(all), 0};
}

TEST_CASE("a request through rules allocates nothing") {
  BufferPool pool;
  http::RequestHead request(pool);
  http::ResponseHead response(pool);
  const net::Address address = *net::Address::parse("192.0.2.1", 1);
  ClientFacts client;
  client.address = "192.0.2.1";
  client.source = &address;
  Frontend frontend;
  frontend.name = "web";
  frontend.request_id = {"X-Request-Id", "x-request-id", RequestIdSettings::Accept::kNone, true};
  frontend.router = every_kind_of_rule();
  RequestRules rules;
  RequestIds ids(1);
  const RoutingTable table;
  Random random(1);
  const auto serve = [&] {
    request.method_text = "GET";
    request.target = "//%61pi/./x;v=1?q";
    request.authority = "a.example:8443";
    request.add(http::FieldName::kOther, "x_role", "guest");
    REQUIRE(rules.judge(frontend, client, ids, request, {table, random}));
    REQUIRE(rules.prepare_request(frontend, client, "app", request));
    response.add(http::FieldName::kServer, "Server", "x");
    rules.prepare_response(response);
    const bool as_wanted = request.target == "/v2/x;v=1?q" && response.fields.front().drop;
    request.reset();
    response.reset();
    rules.reset();
    return as_wanted;
  };
  REQUIRE(serve());
  const std::size_t before = test::allocations();
  int right = 0;
  for (int i = 0; i < 100; ++i) right += serve() ? 1 : 0;
  const std::size_t made = test::allocations() - before;
  CHECK(right == 100);
  CHECK(made == 0);
}

}  // namespace
}  // namespace reseal::proxy
