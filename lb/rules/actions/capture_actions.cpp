// What is kept of a message for the log: `capture`, into a slot that the frontend has.
#include "lb/base/text.h"
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/capture_slots.h"
#include "lb/rules/expression/inspection.h"

namespace reseal::rules::actions {
namespace {

class Capture final : public Action {
 public:
  Capture(expression::Expression value, std::size_t slot) : value_(std::move(value)), slot_(slot) {}
  Verdict run(Run& run) const override {
    if (run.context.captures == nullptr) return {};
    auto text = value_.evaluate(run.context, run.arena);
    if (!text || !expression::convert(*text, expression::Type::kString, run.arena)) return {};
    if (run.context.inspection != nullptr && run.context.inspection->is_unsettled()) return {};
    // In the request's arena: the response may make room for another one.
    const std::string_view kept = (run.request != nullptr ? run.request->arena : run.arena).copy(text->text);
    if (run.response != nullptr) {
      (void)run.context.captures->keep_of_response(slot_, kept);
    } else {
      (void)run.context.captures->keep_of_request(slot_, kept);
    }
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }
  [[nodiscard]] bool waits_for_value() const override { return true; }

 private:
  expression::Expression value_;
  std::size_t slot_;
};

/// EXPRESSION `id` NUMBER; `len` has become a slot of its own where the line was read.
Compiled<std::unique_ptr<Action>> read_capture(ActionWords& words) {
  constexpr std::uint64_t kMostSlots = 65535;
  auto value = words.take_expression("an expression");
  if (!value) return std::unexpected(value.error());
  if (!words.take_if("id")) return words.unexpected_word("id and the number of a capture");
  const auto text = words.take("the number of a capture");
  if (!text) return std::unexpected(text.error());
  const auto slot = parse_decimal(*text);
  if (!slot || *slot > kMostSlots) return words.error("'" + *text + "' is no number of a capture");
  return std::make_unique<Capture>(std::move(*value), static_cast<std::size_t>(*slot));
}

constexpr ActionRow kRows[] = {
    {"capture", kTcpContent | kHttpRequest | kHttpResponse | kHttpAfterResponse, read_capture},
};

}  // namespace

std::span<const ActionRow> capture_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
