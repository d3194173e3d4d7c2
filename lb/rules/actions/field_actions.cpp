// Setting, adding, removing and replacing header fields.
#include <algorithm>

#include "lb/base/text.h"
#include "lb/http/head_rules.h"
#include "lb/http/sanitize.h"
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/bounded_text.h"
#include "lb/rules/expression/field_walk.h"
#include "lb/rules/header_edit.h"

namespace reseal::rules::actions {
namespace {

constexpr std::uint8_t kHttp = kHttpRequest | kHttpResponse | kHttpAfterResponse;

/// The host of a request stands in its head, and its field only shows it.
void set_host(http::RequestHead& head, std::string_view value) {
  if (!http::is_valid_authority(value)) return;  // no server could be asked for it
  head.authority = value;
  head.drop(http::FieldName::kHost);
  head.add(http::FieldName::kHost, "Host", value);
}

/// The name of a field that rules may edit.
Compiled<std::string> take_editable(ActionWords& words) {
  auto name = words.take_field_name();
  if (!name || http::field_name(*name) == http::FieldName::kHost) return name;
  if (const auto why = why_not_editable(*name); !why.empty())
    return words.error("'" + *name + "' cannot be changed: " + std::string(why));
  return name;
}

class SetField final : public Action {
 public:
  SetField(std::string name, expression::Format value, bool adds)
      : id_(http::field_name(name)),
        name_(std::move(name)),
        lower_(http::as_variable(name_)),
        value_(std::move(value)),
        adds_(adds) {}

  Verdict run(Run& run) const override {
    http::MessageHead& head = *run.head();
    const std::string_view value = value_.render(run.context, run.arena);
    if (id_ == http::FieldName::kHost && run.response == nullptr) {
      set_host(*run.request, value);
      return {};
    }
    if (!adds_) {
      for (http::Field& field : head.fields) {
        if (field.name.size() == lower_.size() && http::is_same_variable(field.name, lower_))
          field.drop = true;
      }
    }
    head.add(id_, name_, value);
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  http::FieldName id_;
  std::string name_, lower_;
  expression::Format value_;
  bool adds_;
};

Compiled<std::unique_ptr<Action>> read_set(ActionWords& words) {
  auto name = take_editable(words);
  if (!name) return std::unexpected(name.error());
  auto value = words.take_format("the field's value");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<SetField>(std::move(*name), std::move(*value), words.name() == "add-header");
}

class RemoveFields final : public Action {
 public:
  enum class How : std::uint8_t { kName, kBeginning, kEnd, kPart, kRegex };

  RemoveFields(How how, std::string name, std::shared_ptr<const expression::Regex> regex)
      : how_(how), name_(lowered(name)), regex_(std::move(regex)) {}

  Verdict run(Run& run) const override {
    for (http::Field& field : run.head()->fields) {
      // A name alone was looked at when it was read.
      if (is_meant(field.name) && (how_ == How::kName || why_not_editable(field.name).empty()))
        field.drop = true;
    }
    return {};
  }

 private:
  [[nodiscard]] bool is_meant(std::string_view name) const {
    const auto equals = [](std::string_view a, std::string_view b) { return equals_ignoring_case(a, b); };
    switch (how_) {
      case How::kName:
        return equals(name, name_);
      case How::kBeginning:
        return equals(name.substr(0, name_.size()), name_);
      case How::kEnd:
        return name.size() >= name_.size() && equals(name.substr(name.size() - name_.size()), name_);
      case How::kPart:
        for (std::size_t at = 0; at + name_.size() <= name.size(); ++at) {
          if (equals(name.substr(at, name_.size()), name_)) return true;
        }
        return false;
      case How::kRegex:
        break;
    }
    return regex_->is_in(name);
  }

  How how_;
  std::string name_;
  std::shared_ptr<const expression::Regex> regex_;
};

Compiled<std::unique_ptr<Action>> read_remove(ActionWords& words) {
  using How = RemoveFields::How;
  auto name = words.take("the name of a field");
  if (!name) return std::unexpected(name.error());
  How how = How::kName;
  std::shared_ptr<const expression::Regex> regex;
  if (words.take_if("-m")) {
    const auto method = words.take("str, beg, end, sub or reg");
    if (!method) return std::unexpected(method.error());
    constexpr std::string_view kMethods[] = {"str", "beg", "end", "sub", "reg"};
    const auto* const found = std::ranges::find(kMethods, *method);
    if (found == std::end(kMethods))
      return words.error("'" + *method +
                         "' is no way to compare here (accepted: str, beg, end, sub and reg)");
    how = static_cast<How>(found - std::begin(kMethods));
  }
  if (how == How::kRegex) {
    auto compiled = expression::Regex::compile(*name, true);
    if (!compiled) return words.error(compiled.error());
    regex = std::move(*compiled);
  } else if (how == How::kName) {
    if (const auto why = why_not_editable(*name); !why.empty())
      return words.error("'" + *name + "' cannot be removed: " + std::string(why));
  }
  return std::make_unique<RemoveFields>(how, std::move(*name), std::move(regex));
}

/// Each line's value, or each element of it, that the expression finds itself in becomes what is said.
class ReplaceField final : public Action {
 public:
  ReplaceField(std::string name, std::shared_ptr<const expression::Regex> regex, expression::Format with,
               bool splits)
      : name_(std::move(name)), regex_(std::move(regex)), with_(std::move(with)), splits_(splits) {}

  Verdict run(Run& run) const override {
    const std::string_view with = with_.render(run.context, run.arena);
    const std::size_t count = run.head()->fields.size();
    for (std::size_t i = 0; i < count; ++i) {
      http::Field& field = run.head()->fields[i];
      if (!expression::is_visible(field) || !equals_ignoring_case(field.name, name_)) continue;
      const auto value =
          splits_ ? elements_replaced(field.value, with, run.arena) : replaced(field.value, with, run.arena);
      if (!value) continue;
      if (field.id == http::FieldName::kHost && run.response == nullptr) {
        set_host(*run.request, *value);
        return {};
      }
      field.value = *value;
    }
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return with_.needs(); }

 private:
  [[nodiscard]] std::optional<std::string_view> replaced(std::string_view value, std::string_view with,
                                                         Arena& arena) const {
    std::string_view groups[expression::Regex::kMostGroups];
    if (!regex_->find(value, 0, groups)) return std::nullopt;
    expression::BoundedText text;
    text.add_substitution(with, groups);
    return text.copy_to(arena);
  }
  [[nodiscard]] std::optional<std::string_view> elements_replaced(std::string_view value,
                                                                  std::string_view with, Arena& arena) const {
    expression::BoundedText text;
    bool any = false;
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t end = std::min(value.find(',', at), value.size());
      const std::string_view element = value.substr(at, end - at);
      const std::string_view bare = trim_blanks(element);
      std::string_view groups[expression::Regex::kMostGroups];
      if (regex_->find(bare, 0, groups)) {
        any = true;
        text.add_substitution(with, groups);
      } else {
        text.add(element);
      }
      if (end != value.size()) text.add(',');
      at = end + 1;
    }
    if (!any) return std::nullopt;
    return text.copy_to(arena);
  }

  std::string name_;
  std::shared_ptr<const expression::Regex> regex_;
  expression::Format with_;
  bool splits_;
};

Compiled<std::unique_ptr<Action>> read_replace(ActionWords& words) {
  auto name = take_editable(words);
  if (!name) return std::unexpected(name.error());
  auto regex = words.take_regex(false);
  if (!regex) return std::unexpected(regex.error());
  auto with = words.take_format("what to replace it with");
  if (!with) return std::unexpected(with.error());
  return std::make_unique<ReplaceField>(std::move(*name), std::move(*regex), std::move(*with),
                                        words.name() == "replace-value");
}

// ---- early-hint

class EarlyHint final : public Action {
 public:
  EarlyHint(std::string name, expression::Format value) : name_(std::move(name)), value_(std::move(value)) {}
  Verdict run(Run& run) const override {
    constexpr std::size_t kMost = 32;  // a rule may be asked again, and a client may not read
    if (run.overrides == nullptr || run.overrides->hints.size() >= kMost) return {};
    run.overrides->hints.push_back({name_, value_.render(run.context, run.arena)});
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  std::string name_;
  expression::Format value_;
};

Compiled<std::unique_ptr<Action>> read_early_hint(ActionWords& words) {
  auto name = words.take_field_name();
  if (!name) return std::unexpected(name.error());
  auto value = words.take_format("the field's value");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<EarlyHint>(std::move(*name), std::move(*value));
}

constexpr ActionRow kRows[] = {
    {"early-hint", kHttpRequest, read_early_hint},
    {"add-header", kHttp, read_set},
    {"del-header", kHttp, read_remove},
    {"replace-header", kHttp, read_replace},
    {"replace-value", kHttp, read_replace},
    {"set-header", kHttp, read_set},
};

}  // namespace

std::span<const ActionRow> field_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
