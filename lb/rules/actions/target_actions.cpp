// Changing what a request asks for: its method, its path and its query.
#include "lb/http/characters.h"
#include "lb/http/head_rules.h"
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/bounded_text.h"

namespace reseal::rules::actions {
namespace {

enum class Part : std::uint8_t { kPath, kPathAndQuery, kQuery, kUri };

/// Text that may stand in a target: what may not is escaped.
void add_escaped(expression::BoundedText& out, std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (http::is_char(c, http::kTargetChar)) {
      out.add(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.add('%');
      out.add(kHexDigits[byte >> 4]);
      out.add(kHexDigits[byte & 15]);
    }
  }
}

std::string_view part_of(const http::RequestHead& head, Part part) {
  const std::string_view path = head.path();
  switch (part) {
    case Part::kPath:
      return path;
    case Part::kQuery:
      return head.target.substr(std::min(head.target.size(), path.size() + 1));
    default:
      return head.target;
  }
}

/// "http://host/path" names a host too, which then holds (RFC 9112 3.2.2).
std::string_view without_authority(http::RequestHead& head, std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (uri.starts_with('/') || scheme == std::string_view::npos) return uri;
  const std::string_view rest = uri.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (http::is_valid_authority(authority)) head.authority = head.arena.copy(authority);
  return rest.substr(authority.size());
}

void set_part(http::RequestHead& head, Part part, std::string_view value) {
  if (!head.target.starts_with('/')) return;  // "*" and CONNECT have no path
  const std::string_view path = head.path();
  const std::string_view query = head.target.substr(path.size());  // with its '?'
  if (part == Part::kUri) value = without_authority(head, value);
  expression::BoundedText target;
  if (part == Part::kQuery) {
    target.add(path);
    if (!value.empty()) target.add('?');
    add_escaped(target, value.starts_with('?') ? value.substr(1) : value);
  } else {
    if (!value.starts_with('/')) target.add('/');
    add_escaped(target, value);
    if (part == Part::kPath) target.add(query);
  }
  head.target = target.copy_to(head.arena);
}

class SetPart final : public Action {
 public:
  SetPart(Part part, expression::Format value) : part_(part), value_(std::move(value)) {}
  Verdict run(Run& run) const override {
    set_part(*run.request, part_, value_.render(run.context, run.arena));
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  Part part_;
  expression::Format value_;
};

template <Part kPart>
Compiled<std::unique_ptr<Action>> read_set(ActionWords& words) {
  auto value = words.take_format("the new text");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<SetPart>(kPart, std::move(*value));
}

class ReplacePart final : public Action {
 public:
  ReplacePart(Part part, std::shared_ptr<const expression::Regex> regex, expression::Format with)
      : part_(part), regex_(std::move(regex)), with_(std::move(with)) {}
  Verdict run(Run& run) const override {
    std::string_view groups[expression::Regex::kMostGroups];
    if (!regex_->find(part_of(*run.request, part_), 0, groups)) return {};
    expression::BoundedText text;
    text.add_substitution(with_.render(run.context, run.arena), groups);
    set_part(*run.request, part_, text.copy_to(run.arena));
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return with_.needs(); }

 private:
  Part part_;
  std::shared_ptr<const expression::Regex> regex_;
  expression::Format with_;
};

template <Part kPart>
Compiled<std::unique_ptr<Action>> read_replace(ActionWords& words) {
  auto regex = words.take_regex(false);
  if (!regex) return std::unexpected(regex.error());
  auto with = words.take_format("what to replace it with");
  if (!with) return std::unexpected(with.error());
  return std::make_unique<ReplacePart>(kPart, std::move(*regex), std::move(*with));
}

// ---- the method

/// Of these the method says where a response ends.
bool frames_response(http::Method method) {
  return method == http::Method::kHead || method == http::Method::kConnect;
}

class SetMethod final : public Action {
 public:
  explicit SetMethod(expression::Format value) : value_(std::move(value)) {}
  Verdict run(Run& run) const override {
    http::RequestHead& head = *run.request;
    const std::string_view text = value_.render(run.context, run.arena);
    const http::Method method = http::method_of(text);
    const bool is_token = !text.empty() && http::all_chars(text, http::kTokenChar);
    if (!is_token || frames_response(method) || frames_response(head.method)) return {};
    head.method_text = text;
    head.method = method;
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  expression::Format value_;
};

Compiled<std::unique_ptr<Action>> read_method(ActionWords& words) {
  auto value = words.take_format("a method");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<SetMethod>(std::move(*value));
}

constexpr ActionRow kRows[] = {
    {"replace-path", kHttpRequest, read_replace<Part::kPath>},
    {"replace-pathq", kHttpRequest, read_replace<Part::kPathAndQuery>},
    {"replace-uri", kHttpRequest, read_replace<Part::kUri>},
    {"set-method", kHttpRequest, read_method},
    {"set-path", kHttpRequest, read_set<Part::kPath>},
    {"set-pathq", kHttpRequest, read_set<Part::kPathAndQuery>},
    {"set-query", kHttpRequest, read_set<Part::kQuery>},
    {"set-uri", kHttpRequest, read_set<Part::kUri>},
};

}  // namespace

std::span<const ActionRow> target_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
