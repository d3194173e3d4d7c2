// What becomes of a request: the rules of its frontend in the order of the file, then the default. Pure and
// immutable; any thread. A frontend without rules costs nothing but the look at the default.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lb/rules/actions/action.h"
#include "lb/rules/host_index.h"
#include "lb/rules/rule.h"

namespace reseal::proxy {

/// What the rules say of one request. Filled anew for each; keeps its memory.
struct Decision {
  enum class Outcome : std::uint8_t { kNoRoute, kBackend, kDeny, kRedirect, kReply, kMetrics, kClose, kWait };

  Outcome outcome = Outcome::kNoRoute;
  std::uint32_t backend = 0;          ///< with kBackend: its index in the generation
  const rules::Rule* rule = nullptr;  ///< that decided; null: the default, or a rule in HAProxy's language
  const rules::actions::Answer* answer = nullptr;  ///< of such a rule, with kDeny, kRedirect and kReply
  rules::actions::BodyWish wish{};                 ///< with kWait
  std::string_view location{};                     ///< with kRedirect by such a rule
  std::vector<const rules::Rule*> changes;  ///< rules that took the request and change something, in order
  // Of the last rule that says something; nothing: as the frontend or the backend has it.
  std::optional<std::uint64_t> max_body_bytes;
  std::optional<Duration> response_timeout;
  std::optional<Duration> idle_timeout;

  void reset();
  /// The status that a rule answers with; 0 where no rule answers.
  [[nodiscard]] int status() const;
};

class Router {
 public:
  Router() = default;
  Router(std::vector<rules::Rule> rules, std::optional<std::uint32_t> default_backend)
      : rules_(std::move(rules)), index_(rules_), default_(default_backend) {}

  [[nodiscard]] bool has_rules() const { return !rules_.empty(); }
  /// Some rule looks at what RequestFacts::sample has.
  [[nodiscard]] bool has_expressions() const;

  /// Each rule that takes the request is obeyed, in order, until one decides: `use`, `deny`, `redirect` and `reply`
  /// end the walk. After `allow`, rules with `deny` are passed over. `decision` must be reset; it borrows from the
  /// router. `facts` is not looked at without rules.
  void decide(const http::RequestHead& head, const rules::RequestFacts& facts, Decision& decision) const;

 private:
  std::vector<rules::Rule> rules_;
  rules::HostIndex index_;  ///< of rules_, some of whose conditions it answers
  std::optional<std::uint32_t> default_;
};

}  // namespace reseal::proxy
