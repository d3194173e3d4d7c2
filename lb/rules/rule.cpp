#include "lb/rules/rule.h"

#include <algorithm>

namespace reseal::rules {

bool Rule::has_expressions() const {
  const auto in_edits = [](const std::vector<HeaderEdit>& edits) {
    return std::ranges::any_of(edits, [](const HeaderEdit& edit) { return edit.value.has_expressions(); });
  };
  const auto in_rewrite = [](const Rewrite& wanted) {
    return wanted.host.has_expressions() || wanted.path.has_expressions() ||
           wanted.add_prefix.has_expressions();
  };
  return when.expression || in_edits(request_edits) || in_edits(response_edits) ||
         (rewrite && in_rewrite(*rewrite)) || (redirect && redirect->location.has_expressions()) ||
         (reply && in_edits(reply->fields));
}

}  // namespace reseal::rules
