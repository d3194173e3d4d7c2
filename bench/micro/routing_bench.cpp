// Where a request goes: the forms of its path, conditions, rules, and all of it together.
#include <string>
#include <vector>

#include "bench/micro/measuring.h"
#include "bench/micro/messages.h"
#include "lb/http/h1_parser.h"
#include "lb/http/path.h"
#include "lb/proxy/request_rules.h"

namespace reseal::bench {
namespace {

void path(benchmark::State& state, std::string_view target) {
  BufferPool pool;
  Arena arena(pool);
  const CountAllocations counted(state);
  for (auto _ : state) {
    const auto normal = http::normal_target(target, {}, arena);
    require(normal.has_value(), "the path is refused");
    benchmark::DoNotOptimize(http::compared_path(normal->substr(0, normal->find('?')), arena).data());
    arena.clear();
  }
  report_bytes(state, target.size());
}
BENCHMARK_CAPTURE(path, plain, "/articles/2026/11/a-load-balancer?page=2&sort=newest");
BENCHMARK_CAPTURE(path, escaped, "/articles/./2026//11/%61-load%20balancer;v=1/../caf%c3%a9?page=2");

/// A request's head and what rules know of it.
struct Asked {
  Asked() {
    require(http::parse_request_head(kBrowserRequest, {}, head).has_value(), "the request is refused");
    facts.method = head.method_text;
    facts.host = facts.authority = head.authority;
    facts.path = facts.compared_path = head.path();
    facts.client_socket = &client;
  }
  BufferPool pool;
  http::RequestHead head{pool};
  net::Address client = *net::Address::parse("192.0.2.7", 41234);
  rules::RequestFacts facts;
};

void condition(benchmark::State& state, const rules::Condition& asked) {
  const Asked request;
  const CountAllocations counted(state);
  for (auto _ : state) {
    const bool holds = asked.holds(request.head, request.facts);
    require(holds, "the condition does not hold");
  }
  report_items(state);
}
void condition_host(benchmark::State& state) {
  rules::Condition asked;
  asked.all.hosts = {"api.example.com", "*.example.org", "www.example.com"};
  condition(state, asked);
}
BENCHMARK(condition_host);
void condition_path_prefix(benchmark::State& state) {
  rules::Condition asked;
  asked.all.path_prefixes = {"/api", "/static", "/articles"};
  condition(state, asked);
}
BENCHMARK(condition_path_prefix);
void condition_header(benchmark::State& state) {
  rules::Condition asked;
  asked.all.headers = {{{"Sec-Fetch-Mode"}, {"cors", "navigate"}}};
  condition(state, asked);
}
BENCHMARK(condition_header);
void condition_address(benchmark::State& state) {
  rules::Condition asked;
  for (const char* range : {"10.0.0.0/8", "172.16.0.0/12", "192.0.2.0/24"}) {
    require(asked.all.addresses.add(range).has_value(), "no range of addresses");
  }
  condition(state, asked);
}
BENCHMARK(condition_address);

/// `count` rules, each for a path of its own, the last of which takes the request.
proxy::Router router_of(std::int64_t count) {
  std::vector<rules::Rule> all;
  for (std::int64_t i = 0; i < count; ++i) {
    rules::Rule rule;
    rule.when.all.hosts = {"www.example.com"};
    rule.when.all.path_prefixes = {i + 1 == count ? "/articles" : "/service-" + std::to_string(i)};
    rule.backend = 1;
    all.push_back(std::move(rule));
  }
  return {std::move(all), 0};
}

void router(benchmark::State& state) {
  const proxy::Router asked = router_of(state.range(0));
  const Asked request;
  proxy::Decision decision;
  const CountAllocations counted(state);
  for (auto _ : state) {
    decision.reset();
    asked.decide(request.head, request.facts, decision);
    require(decision.backend == (state.range(0) == 0 ? 0 : 1), "another backend than the rules say");
  }
  report_items(state);
}
BENCHMARK(router)->Arg(0)->Arg(10)->Arg(100);

/// `count` rules, each for a host of its own, and a request for none of them or for that of the last.
void router_hosts(benchmark::State& state, bool is_listed) {
  std::vector<rules::Rule> all;
  for (std::int64_t i = 1; i <= state.range(0); ++i) {
    rules::Rule rule;
    rule.when.all.hosts = {"site" + std::to_string(i) + ".example"};
    rule.backend = 1;
    all.push_back(std::move(rule));
  }
  Asked request;
  const std::string host = "site" + std::to_string(is_listed ? state.range(0) : 0) + ".example";
  request.facts.host = host;
  const proxy::Router asked(std::move(all), 0);
  proxy::Decision decision;
  const CountAllocations counted(state);
  for (auto _ : state) {
    decision.reset();
    asked.decide(request.head, request.facts, decision);
    require(decision.backend == (is_listed ? 1 : 0), "another backend than the rules say");
  }
  report_items(state);
}
BENCHMARK_CAPTURE(router_hosts, listed, true)->Arg(1)->Arg(3)->Arg(10)->Arg(1000);
BENCHMARK_CAPTURE(router_hosts, other, false)->Arg(3)->Arg(10)->Arg(1000);

/// Everything a frontend with ten rules does to one request: judged, and prepared for its server.
void request_rules(benchmark::State& state) {
  const net::Address address = *net::Address::parse("192.0.2.7", 41234);
  proxy::ClientFacts client;
  client.address = "192.0.2.7";
  client.secure = true;
  client.source = client.destination = &address;
  proxy::Frontend frontend;
  frontend.name = "web";
  frontend.router = router_of(10);
  proxy::RequestRules rules;
  proxy::RequestIds ids(1);
  const proxy::RoutingTable table;
  Random random(1);
  BufferPool pool;
  http::RequestHead head(pool);
  const CountAllocations counted(state);
  for (auto _ : state) {
    head.reset();
    require(http::parse_request_head(kBrowserRequest, {}, head).has_value(), "the request is refused");
    require(rules.judge(frontend, client, ids, head, {table, random}).has_value(),
            "the rules refuse the request");
    require(rules.prepare_request(frontend, client, "app", head).has_value(), "the request is refused");
    rules.reset();
  }
  report_items(state);
}
BENCHMARK(request_rules);

}  // namespace
}  // namespace reseal::bench
