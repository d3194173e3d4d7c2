// What ends a list of rules without an answer of its own, or with an error: allow, deny, reject, tarpit, silent-drop.
#include "lb/rules/actions/action_table.h"
#include "lb/rules/actions/answer_words.h"

namespace reseal::rules::actions {
namespace {

class Decide final : public Action {
 public:
  explicit Decide(Verdict::Kind kind) : kind_(kind) {}
  Verdict run(Run&) const override { return {kind_}; }

 private:
  Verdict::Kind kind_;
};

template <Verdict::Kind kKind>
Compiled<std::unique_ptr<Action>> read_decision(ActionWords&) {
  return std::make_unique<Decide>(kKind);
}

class Refuse final : public Action {
 public:
  explicit Refuse(Answer answer) : answer_(std::move(answer)) {}
  Verdict run(Run&) const override { return {Verdict::Kind::kAnswer, &answer_}; }

 private:
  Answer answer_;
};

template <int kStatus>
Compiled<std::unique_ptr<Action>> read_refusal(ActionWords& words) {
  auto answer = take_answer(words, kStatus);
  if (!answer) return std::unexpected(answer.error());
  answer->is_refusal = true;
  answer->is_tarpit = words.name() == "tarpit";
  return std::make_unique<Refuse>(std::move(*answer));
}

/// A response that is denied is the server's fault.
Compiled<std::unique_ptr<Action>> read_response_refusal(ActionWords& words) {
  return read_refusal<502>(words);
}

constexpr std::uint8_t kTcp = kTcpConnection | kTcpSession | kTcpContent | kTcpResponse;

constexpr ActionRow kRows[] = {
    {"accept", kTcp, read_decision<Verdict::Kind::kAllow>},
    {"allow", kHandover | kHttpRequest | kHttpResponse | kHttpAfterResponse,
     read_decision<Verdict::Kind::kAllow>},
    {"deny", kHandover | kHttpRequest, read_refusal<403>},
    {"deny", kHttpResponse, read_response_refusal},
    {"reject", kTcp | kHttpRequest, read_decision<Verdict::Kind::kClose>},
    {"silent-drop", kTcp | kHttpRequest | kHttpResponse, read_decision<Verdict::Kind::kClose>},
    {"tarpit", kHttpRequest, read_refusal<500>},
};

}  // namespace

std::span<const ActionRow> deciding_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
