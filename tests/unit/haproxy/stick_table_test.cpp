// stick-table and stick: what is taken, what is refused with which words. What HAProxy 2.6 takes is taken.
#include <catch2/catch.hpp>

#include "lb/haproxy/translation.h"

using namespace reseal;
using namespace reseal::haproxy;
using namespace std::chrono_literals;
using rules::stick::DataType;
using rules::stick::KeyType;

namespace {

Translated translated(const std::string& backend) {
  const std::string text =
      "defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 40s\n"
      "frontend web\n bind *:8080\n default_backend app\nbackend app\n server a 10.0.0.1:80 ssl verify "
      "none\n" +
      backend;
  return translate(read_text(text, "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
}

config::Configuration loaded(const std::string& backend) {
  Translated result = translated(backend);
  for (const config::Problem& problem : result.problems) UNSCOPED_INFO(config::render(problem));
  REQUIRE(result.configuration);
  return *result.configuration;
}

rules::stick::Definition table_of(const std::string& words) {
  const config::Configuration configuration = loaded(" stick-table " + words + "\n");
  REQUIRE(configuration.stick_tables.size() == 1);
  CHECK(configuration.stick_tables[0].name == "app");
  CHECK(configuration.stick_tables[0].place.line == 11);
  return configuration.stick_tables[0].definition;
}

/// "column message" of the only problem.
std::string problem_of(const std::string& backend) {
  const Translated result = translated(backend);
  CHECK_FALSE(result.configuration);
  REQUIRE(result.problems.size() == 1);
  return std::to_string(result.problems[0].place.column) + " " + result.problems[0].message;
}

}  // namespace

TEST_CASE("a stick table has a type, a size and what it stores") {
  const auto table =
      table_of("type ip size 1m expire 10s store gpc0,http_req_rate(10s),conn_cur store bytes_out_cnt");
  CHECK(table.type == KeyType::kIp);
  CHECK(table.key_bytes == 4);
  CHECK(table.size == 1 << 20);
  CHECK(table.expire == 10s);
  CHECK_FALSE(table.nopurge);
  REQUIRE(table.stored.size() == 4);
  CHECK(table.stored[0] == rules::stick::Stored{DataType::kGpc0, 1, 0});
  CHECK(table.stored[1] == rules::stick::Stored{DataType::kHttpReqRate, 1, 10'000});
  CHECK(table.stored[2].type == DataType::kConnCur);
  CHECK(table.stored[3].type == DataType::kBytesOutCnt);
}

TEST_CASE("types, lengths, arrays and the rest of a table's words") {
  CHECK(table_of("type ipv6 size 100k").key_bytes == 16);
  CHECK(table_of("type ipv6 size 100k").size == 102'400);
  CHECK(table_of("type integer size 2g").type == KeyType::kInteger);
  CHECK(table_of("type string size 1").key_bytes == 32);
  CHECK(table_of("type string len 64 size 1").key_bytes == 64);
  CHECK(table_of("type binary len 20 size 1").type == KeyType::kBinary);
  CHECK(table_of("size 1 nopurge type ip").nopurge);
  CHECK(table_of("type ip size 1 expire 0").expire == 0ms);
  CHECK(table_of("type ip size 1 srvkey addr").server_key == rules::stick::ServerKey::kAddress);
  const auto arrays = table_of("type ip size 1 store gpc(2),gpc_rate(3,1m),gpt(100)");
  CHECK(arrays.stored[0] == rules::stick::Stored{DataType::kGpc, 2, 0});
  CHECK(arrays.stored[1] == rules::stick::Stored{DataType::kGpcRate, 3, 60'000});
  CHECK(arrays.stored[2] == rules::stick::Stored{DataType::kGpt, 100, 0});
  const auto all = table_of(
      "type ip size 1 store "
      "server_id,server_key,gpc0,gpc1,gpc0_rate(1s),gpc1_rate(1s),gpt0,conn_cnt,conn_cur,conn_rate(1s),sess_"
      "cnt,"
      "sess_rate(1s),http_req_cnt,http_req_rate(1s),http_err_cnt,http_err_rate(1s),http_fail_cnt,http_fail_"
      "rate(1s),"
      "bytes_in_cnt,bytes_in_rate(1s),bytes_out_cnt,bytes_out_rate(1s)");
  CHECK(all.stored.size() == 22);
}

TEST_CASE("what is without effect is told, and no warning") {
  const Translated result = translated(" stick-table type ip size 1 peers mine store gpc0,gpc0\n");
  REQUIRE(result.configuration);
  CHECK(result.problems.empty());
  std::string said;
  for (const Notice& notice : result.notices) said += notice.text + "\n";
  CHECK(said.find("'peers' of a stick table has no effect") != std::string::npos);
  CHECK(said.find("'gpc0' is stored already") != std::string::npos);
  CHECK(result.configuration->stick_tables[0].definition.stored.size() == 1);
}

TEST_CASE("what is wrong with a table is said at its word") {
  const std::pair<const char*, const char*> cases[] = {
      {"type ip", "2 'stick-table' needs a size: 'size' and a number of entries behind it"},
      {"type ip size 0", "2 'stick-table' needs a size: 'size' and a number of entries behind it"},
      {"size 10", "2 'stick-table' needs a type: 'type' and ip, ipv6, integer, string, binary behind it"},
      {"type ip size 1x", ""},
      {"type ip size", "22 'size' is followed by nothing: a number of entries is expected"},
      {"type ip size 10 expire 1x", ""},
      {"type string len 0 size 10", "30 '0': a whole number from 1 to 16384 is expected"},
      {"type integer len 4 size 10", "27 unknown word 'len' after 'stick-table'"},
      {"type method size 10", ""},
      {"type ip size 10 write-to x", "30 unknown word 'write-to' after 'stick-table'"},
      {"type ip size 10 srvkey foo", "37 srvkey 'foo': name or addr is expected"},
      {"type ip size 10 store foo", "36 'foo' is not a type of data"},
      {"type ip size 10 store glitch_cnt", "36 'glitch_cnt' is not there yet"},
      {"type ip size 10 store gpc0(3)", "36 'gpc0' takes nothing in parentheses"},
      {"type ip size 10 store gpc", ""},
      {"type ip size 10 store gpc(0)",
       "36 the number of elements of 'gpc': '0': a whole number from 1 to 100 is expected"},
      {"type ip size 10 store gpc(101)", ""},
      {"type ip size 10 store gpc(1,2)", "36 'gpc' takes a number of elements alone"},
      {"type ip size 10 store gpc0_rate", "36 'gpc0_rate' needs a period, as in gpc0_rate(10s)"},
      {"type ip size 10 store gpc0_rate(0)", "36 a period of 0 of 'gpc0_rate' counts nothing"},
      {"type ip size 10 store gpc_rate(2)", "36 'gpc_rate' needs a period, as in gpc_rate(2,10s)"},
      {"type ip size 10 store gpc0_rate(1s", "36 no ')' behind 'gpc0_rate('"},
      {"type ip size 10 store gpc0_rate(1s)x", "36 'x' where a ',' is expected"},
      {"type ip size 10 store gpc(2),gpc0",
       "2 'gpc' and 'gpc0' or 'gpc1' of one table: the array takes the place of the others"},
      {"type ip size 10 store gpc_rate(2,1s),gpc1_rate(1s)", ""},
      {"type ip size 10 store gpt(2),gpt0", ""},
  };
  for (const auto& [words, said] : cases) {
    INFO(words);
    const std::string problem = problem_of(" stick-table " + std::string(words) + "\n");
    if (*said != 0) CHECK(problem == said);
  }
  CHECK(problem_of(" stick-table type ip size 1\n stick-table type ip size 1\n") ==
        "2 'app' has a stick table already, in line 11");
  CHECK(problem_of(" stick-table type ip size 1\nfrontend app\n stick-table type ip size 1\n")
            .find("another section of the name 'app'") != std::string::npos);
}

TEST_CASE("a backend that is only a table has no servers and is not told of") {
  const config::Configuration configuration =
      loaded("backend per_ip\n stick-table type ip size 1k store gpc0\n");
  CHECK(configuration.backends.size() == 2);
  REQUIRE(configuration.stick_tables.size() == 1);
  CHECK(configuration.stick_tables[0].name == "per_ip");
}

TEST_CASE("what stands behind stick is kept in its words") {
  const config::Configuration configuration =
      loaded(" stick-table type ip size 1k\n stick on src\n stick match req.cook(x) table app if TRUE\n");
  const auto& rules = configuration.backends.at(0).stick_rules;
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].words == std::vector<std::string>{"on", "src"});
  CHECK(rules[1].words == std::vector<std::string>{"match", "req.cook(x)", "table", "app", "if", "TRUE"});
  CHECK(rules[1].places[1].line == 13);
  CHECK(rules[1].places[1].column == 14);
  CHECK(problem_of(" stick\n").find("'stick' is followed by nothing") != std::string::npos);
  CHECK(problem_of(" stick on\n").find("an expression such as src is expected") != std::string::npos);
  CHECK(problem_of(" stick foo src\n") ==
        "8 'stick foo': on, match, store-request or store-response is expected");
}
