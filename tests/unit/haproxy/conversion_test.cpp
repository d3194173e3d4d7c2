// A haproxy.cfg, and the YAML that it is converted to, are the same configuration.
#include "lb/haproxy/conversion.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "lb/config/places.h"
#include "lb/config/yaml_writer.h"
#include "tests/unit/haproxy/field_count.h"
#include "tests/unit/haproxy/translation_test_support.h"

using namespace reseal;
using namespace reseal::haproxy;
using namespace reseal::haproxy::test;

namespace {

Converted converted(const std::string& text) {
  return convert(read_text(text, "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
}

/// Compares part by part, so that a failure says where.
void check_same(const config::Configuration& before, const config::Configuration& after) {
  CHECK(before.process == after.process);
  CHECK(before.runtime_api == after.runtime_api);
  CHECK(before.variables == after.variables);
  CHECK(before.stick_tables == after.stick_tables);
  REQUIRE(before.frontends.size() == after.frontends.size());
  REQUIRE(before.backends.size() == after.backends.size());
  for (std::size_t i = 0; i < before.frontends.size(); ++i) {
    const config::Frontend& a = before.frontends[i];
    const config::Frontend& b = after.frontends[i];
    INFO("frontend " << a.name);
    CHECK(a.binds == b.binds);
    CHECK(a.rule_lines == b.rule_lines);
    CHECK(a.access_logs == b.access_logs);
    CHECK(a.error_pages == b.error_pages);
    CHECK(a.timeouts == b.timeouts);
    CHECK(a == b);
  }
  for (std::size_t i = 0; i < before.backends.size(); ++i) {
    const config::Backend& a = before.backends[i];
    const config::Backend& b = after.backends[i];
    INFO("backend " << a.name);
    CHECK(a.balance == b.balance);
    CHECK(a.tls == b.tls);
    CHECK(a.check == b.check);
    CHECK(a.passive == b.passive);
    CHECK(a.timeouts == b.timeouts);
    CHECK(a.persistence == b.persistence);
    CHECK(a.compression == b.compression);
    CHECK(a.retry == b.retry);
    CHECK(a.queue == b.queue);
    CHECK(a.message_logs == b.message_logs);
    CHECK(a.servers == b.servers);
    CHECK(a.error_pages == b.error_pages);
    CHECK(a.rule_lines == b.rule_lines);
    CHECK(a.stick_rules == b.stick_rules);
    CHECK(a == b);
  }
  CHECK(before == after);
}

/// The YAML; that it says the same is checked.
std::string round_trip(const std::string& text) {
  const config::Configuration before = loaded(text);
  const std::string yaml = config::yaml_of(before, {});
  INFO(yaml);
  config::LoadResult result = config::load_text(yaml, "reseal.yaml", "/");
  for (const config::Problem& problem : result.problems) UNSCOPED_INFO(config::render(problem));
  REQUIRE(result.configuration);
  check_same(config::without_places(before), config::without_places(*result.configuration));
  CHECK_FALSE(converted(text).yaml.empty());
  return yaml;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("everything that is obeyed says the same as YAML") {
  const std::string yaml = round_trip(text_of(RESEAL_DOCS "/../tests/unit/haproxy/everything.cfg"));
  CHECK(contains(yaml, "- \"redirect location https://example.org/a%20b code 301 if { path /old }\""));
  CHECK(contains(yaml, "auth: [\"admin:se:cret\", \"guest:guest\"]"));
  CHECK(contains(yaml, "type: redis"));
  CHECK(contains(yaml, "user: nobody"));
}

TEST_CASE("what is written says where it comes from and what is told about it") {
  const std::string yaml =
      converted(site(" http-request cache-use x\n", " server c 10.0.0.3:82 ssl verify none\n")).yaml;
  INFO(yaml);
  CHECK(contains(yaml, "# From haproxy.cfg, by reseal convert."));
  CHECK(contains(yaml, "# haproxy.cfg:9: the action 'cache-use' has no effect: nothing is stored"));
  CHECK(contains(yaml, "  # haproxy.cfg:10\n"));
  CHECK(contains(yaml, "  # servers 'c' of 'app' are not verified ('verify none')"));
  CHECK(contains(yaml, "      # haproxy.cfg:12\n"));
}

TEST_CASE("what is told cannot end the comment that it stands in") {
  const std::string yaml = converted(".notice \"one\\nworkers: 7\"\n" + site("", "")).yaml;
  INFO(yaml);
  CHECK(contains(yaml, "# haproxy.cfg:1: one workers: 7\n"));
  CHECK_FALSE(contains(yaml, "\nworkers: 7"));
}

TEST_CASE("nothing is written where the files are wrong or YAML has no words for them") {
  CHECK(converted("frontend web\n bind :80\n nonsense\n").yaml.empty());
  // 25 days are more than YAML takes.
  const Converted lost = converted(site(" timeout client 597h\n", ""));
  CHECK(lost.yaml.empty());
  REQUIRE(lost.problems.size() == 1);
  CHECK(contains(lost.problems[0].message, "24 days"));
}

TEST_CASE(
    "no field of the model is new: give it a key of YAML and a line of the example, and count it here") {
  using namespace config;
  const std::vector<std::tuple<const char*, std::size_t, std::size_t>> counts = {
      {"TlsSettings", fields<TlsSettings>(), 7},
      {"ServerTls", fields<ServerTls>(), 9},
      {"ListedCertificate", fields<ListedCertificate>(), 4},
      {"SocketSettings", fields<SocketSettings>(), 9},
      {"Bind", fields<Bind>(), 12},
      {"ClientTls", fields<ClientTls>(), 16},
      {"CheckConnect", fields<CheckConnect>(), 6},
      {"CheckSend", fields<CheckSend>(), 1},
      {"CheckRequest", fields<CheckRequest>(), 7},
      {"TextMatch", fields<TextMatch>(), 2},
      {"CheckInfo", fields<CheckInfo>(), 2},
      {"CheckExpect", fields<CheckExpect>(), 14},
      {"CheckStep", fields<CheckStep>(), 3},
      {"Check", fields<Check>(), 22},
      {"Passive", fields<Passive>(), 6},
      {"Queue", fields<Queue>(), 4},
      {"Retry", fields<Retry>(), 12},
      {"Outlier", fields<Outlier>(), 7},
      {"PersistenceCookie", fields<PersistenceCookie>(), 6},
      {"PersistenceTable", fields<PersistenceTable>(), 3},
      {"ServerCookie", fields<ServerCookie>(), 10},
      {"Persistence", fields<Persistence>(), 4},
      {"Compression", fields<Compression>(), 6},
      {"Hop", fields<Hop>(), 4},
      {"OwnCheck", fields<OwnCheck>(), 2},
      {"ServerOptions", fields<ServerOptions>(), 20},
      {"Server", fields<Server>(), 17},
      {"AgentCheck", fields<AgentCheck>(), 4},
      {"Resolvers", fields<Resolvers>(), 8},
      {"ResolverHold", fields<ResolverHold>(), 5},
      {"NameServer", fields<NameServer>(), 2},
      {"UserList", fields<UserList>(), 3},
      {"User", fields<User>(), 5},
      {"Timeouts", fields<Timeouts>(), 6},
      {"BackendTimeouts", fields<BackendTimeouts>(), 7},
      {"ErrorPage", fields<ErrorPage>(), 5},
      {"Balance", fields<Balance>(), 13},
      {"AddressField", fields<AddressField>(), 3},
      {"AddressFields", fields<AddressFields>(), 2},
      {"ClientConnections", fields<ClientConnections>(), 5},
      {"ServerConnections", fields<ServerConnections>(), 4},
      {"RuleLines", fields<RuleLines>(), 15},
      {"StatsPage", fields<StatsPage>(), 9},
      {"LogDelivery", fields<LogDelivery>(), 9},
      {"AccessLog", fields<AccessLog>(), 13},
      {"LogCapture", fields<LogCapture>(), 2},
      {"LogCaptures", fields<LogCaptures>(), 3},
      {"UniqueId", fields<UniqueId>(), 2},
      {"stats::LogPolicy", fields<stats::LogPolicy>(), 8},
      {"tls::ClientTrust", fields<tls::ClientTrust>(), 7},
      {"tls::IgnoredErrors", fields<tls::IgnoredErrors>(), 2},
      {"rules::stick::Definition", fields<rules::stick::Definition>(), 7},
      {"rules::stick::Stored", fields<rules::stick::Stored>(), 3},
      {"StickTable", fields<StickTable>(), 3},
      {"PathPolicy", fields<PathPolicy>(), 3},
      {"RequestId", fields<RequestId>(), 3},
      {"ProcessSettings", fields<ProcessSettings>(), 6},
      {"RuntimeSocket", fields<RuntimeSocket>(), 2},
      {"RuntimeApi", fields<RuntimeApi>(), 3},
      {"Admin", fields<Admin>(), 4},
      {"Frontend", fields<Frontend>(), 42},
      {"Backend", fields<Backend>(), 36},
      {"Configuration", fields<Configuration>(), 17},
  };
  for (const auto& [name, found, known] : counts) {
    INFO(name);
    CHECK(found == known);
  }
}

TEST_CASE("every example in HAProxy's language says the same as YAML") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RESEAL_DOCS "/../examples/haproxy")) {
    INFO(entry.path());
    round_trip(text_of(entry.path()));
    ++count;
  }
  CHECK(count > 2);
}
