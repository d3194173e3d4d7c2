// Whatever a server says to a check, in whatever pieces: a verdict comes at the latest when it has ended, and once there is
// one, more bytes do not bring the check back to waiting, unless it forbids something that could still come.
//
// Input: what the server says.
#include <cstdint>
#include <string>
#include <vector>

#include "health/expectation.h"
#include "lb/config/canned_checks.h"
#include "tests/fuzz/fuzz_check.h"

namespace reseal::health {
namespace {

using Outcome = Judgement::Outcome;

/// The steps of all canned checks that expect something.
std::vector<PlannedStep> expectations() {
  std::vector<PlannedStep> all;
  for (const auto& steps : {config::smtp_check(), config::redis_check(), config::mysql_check("u"),
                            config::postgres_check("u"), config::ldap_check(), config::tls_hello_check()}) {
    config::Check check;
    check.kind = config::CheckKind::kSteps;
    check.steps = steps;
    TrafficPath path;
    path.address = *net::Address::parse("127.0.0.1", 1);
    const auto plan = make_check_plan(check, path);
    FUZZ_CHECK(plan.has_value());
    for (const PlannedStep& step : (*plan)->steps) {
      if (std::holds_alternative<PlannedExpect>(step.what)) all.push_back(step);
    }
  }
  return all;
}

void judge_pieces(const PlannedStep& step, std::string_view said) {
  bool is_decided = false;
  for (std::size_t size = 0; size <= said.size(); size += 1 + size / 8) {
    const Judgement judgement = judge(step, {said.substr(0, size), false, nullptr});
    FUZZ_CHECK(!is_decided || judgement.outcome != Outcome::kWait);
    is_decided = judgement.outcome != Outcome::kWait;
  }
  const Judgement last = judge(step, {said, true, nullptr});
  FUZZ_CHECK(last.outcome != Outcome::kWait);
  FUZZ_CHECK(config::is_pass(last.status) == (last.outcome == Outcome::kPassed));
  FUZZ_CHECK(last.code.has_value() == config::has_code(last.status));
  FUZZ_CHECK(last.info.size() < 4096);
  for (const char c : last.info) FUZZ_CHECK(static_cast<unsigned char>(c) >= ' ');
}

}  // namespace
}  // namespace reseal::health

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::health;
  static const std::vector<PlannedStep> kSteps = expectations();
  if (size > kMostAnswer) return 0;
  const std::string_view said(reinterpret_cast<const char*>(data), size);
  for (const PlannedStep& step : kSteps) judge_pieces(step, said);
  return 0;
}
