#include "lb/rules/actions/rule_set.h"

namespace reseal::rules::actions {

std::uint8_t RuleSet::needs() const {
  std::uint8_t needs =
      tcp_content.needs() | http_request.needs() | redirect.needs() | last_checks.needs() | handover.needs();
  for (const UseBackend& rule : use_backend) needs |= rule.condition.needs() | rule.name.needs();
  return needs;
}

}  // namespace reseal::rules::actions
