// Setting and unsetting variables.
#include "lb/rules/actions/action_table.h"

namespace reseal::rules::actions {
namespace {

using expression::VariableId;

constexpr std::uint8_t kEverywhere = kTcpConnection | kTcpSession | kTcpContent | kTcpResponse |
                                     kHttpRequest | kHttpResponse | kHttpAfterResponse;

expression::VariableStore* store_of(const Run& run, VariableId id) {
  return run.context.variables[static_cast<std::size_t>(id.scope)];
}

class SetVariable final : public Action {
 public:
  SetVariable(VariableId id, expression::Expression value) : id_(id), value_(std::move(value)) {}
  Verdict run(Run& run) const override {
    expression::VariableStore* store = store_of(run, id_);
    if (store == nullptr) return {};
    // As with HAProxy, what has no value leaves the variable as it was.
    if (const auto value = value_.evaluate(run.context, run.arena)) store->set(id_.index, *value);
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  VariableId id_;
  expression::Expression value_;
};

class SetVariableText final : public Action {
 public:
  SetVariableText(VariableId id, expression::Format value) : id_(id), value_(std::move(value)) {}
  Verdict run(Run& run) const override {
    expression::VariableStore* store = store_of(run, id_);
    if (store != nullptr) {
      store->set(id_.index, expression::Sample::string(
                                value_.render(run.context, run.arena, expression::Format::Use::kText)));
    }
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  VariableId id_;
  expression::Format value_;
};

class UnsetVariable final : public Action {
 public:
  explicit UnsetVariable(VariableId id) : id_(id) {}
  Verdict run(Run& run) const override {
    if (expression::VariableStore* store = store_of(run, id_)) store->unset(id_.index);
    return {};
  }

 private:
  VariableId id_;
};

Compiled<VariableId> take_variable(const ActionWords& words) {
  const auto name = words.argument_of_name();
  if (!name)
    return words.error("'" + words.name() + "' needs the name of a variable, such as set-var(txn.name)");
  auto id = words.variable(name->substr(0, name->find(',')));
  if (id && id->scope == expression::Scope::kProcess)
    return words.error("variables of the process (proc.) are only read here");
  if (id && name->contains(','))
    return words.error("conditions within '" + words.name() + "' are not there yet; write 'if' behind it");
  return id;
}

Compiled<std::unique_ptr<Action>> read_set(ActionWords& words) {
  const auto id = take_variable(words);
  if (!id) return std::unexpected(id.error());
  auto value = words.take_rest_as_expression("an expression");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<SetVariable>(*id, std::move(*value));
}

Compiled<std::unique_ptr<Action>> read_set_text(ActionWords& words) {
  const auto id = take_variable(words);
  if (!id) return std::unexpected(id.error());
  auto value = words.take_format("a text");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<SetVariableText>(*id, std::move(*value));
}

Compiled<std::unique_ptr<Action>> read_unset(ActionWords& words) {
  const auto id = take_variable(words);
  if (!id) return std::unexpected(id.error());
  return std::make_unique<UnsetVariable>(*id);
}

constexpr ActionRow kRows[] = {
    {"set-var", kEverywhere, read_set},
    {"set-var-fmt", kEverywhere, read_set_text},
    {"unset-var", kEverywhere, read_unset},
};

}  // namespace

std::span<const ActionRow> variable_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
