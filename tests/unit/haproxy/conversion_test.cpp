// A haproxy.cfg, and the YAML that it is converted to, are the same configuration.
#include "lb/haproxy/conversion.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "lb/config/places.h"
#include "lb/config/yaml_writer.h"
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

TEST_CASE("every example in HAProxy's language says the same as YAML") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RESEAL_DOCS "/../examples/haproxy")) {
    INFO(entry.path());
    round_trip(text_of(entry.path()));
    ++count;
  }
  CHECK(count > 2);
}
