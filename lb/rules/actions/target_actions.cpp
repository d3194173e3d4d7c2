// Changing what a request asks for: its method, its path and its query.
#include <algorithm>

#include "lb/base/did_you_mean.h"
#include "lb/http/characters.h"
#include "lb/http/head_rules.h"
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/bounded_text.h"
#include "lb/rules/expression/hex.h"

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

// ---- normalize-uri

enum class Normalizer : std::uint8_t { kFragmentEncode, kFragmentStrip, kPath, kDecode, kSortQuery };

/// Rules see paths in their normal form already; what is asked for here is that servers do, too.
class NormalizeUri final : public Action {
 public:
  NormalizeUri(Normalizer what, bool is_strict) : what_(what), is_strict_(is_strict) {
    constexpr int kBadRequest = 400;
    refusal_.status = kBadRequest;
  }
  Verdict run(Run& run) const override {
    http::RequestHead& head = *run.request;
    if (!head.target.starts_with('/')) return {};
    if (is_strict_ && !has_whole_escapes(head.target)) return {Verdict::Kind::kAnswer, &refusal_};
    const std::size_t hash = head.target.find('#');
    switch (what_) {
      case Normalizer::kFragmentEncode:
        if (hash != std::string_view::npos) encode_fragment(head);
        break;
      case Normalizer::kFragmentStrip:
        head.target = head.target.substr(0, hash);
        break;
      case Normalizer::kPath:
        head.target = head.arena.copy(head.target);  // not the client's spelling any more
        break;
      case Normalizer::kDecode:
        decode_query(head);
        break;
      case Normalizer::kSortQuery:
        sort_query(head);
        break;
    }
    return {};
  }

 private:
  static bool has_whole_escapes(std::string_view target) {
    for (std::size_t at = target.find('%'); at != std::string_view::npos; at = target.find('%', at + 1)) {
      const auto byte = expression::bytes_of_hex(target.substr(at + 1, 2));
      if (!byte || byte->size() != 1) return false;
    }
    return true;
  }

  static void encode_fragment(http::RequestHead& head) {
    expression::BoundedText target;
    for (const char c : head.target) c == '#' ? target.add("%23") : target.add(c);
    head.target = target.copy_to(head.arena);
  }

  /// Escapes of what may stand there by itself (RFC 3986 6.2.2.2); those of the path are decoded already.
  static void decode_query(http::RequestHead& head) {
    const std::size_t path = head.path().size();
    expression::BoundedText target;
    for (std::size_t i = 0; i < head.target.size(); ++i) {
      const auto byte = i >= path && head.target[i] == '%'
                            ? expression::bytes_of_hex(head.target.substr(i + 1, 2))
                            : std::nullopt;
      const bool is_escape = byte && byte->size() == 1 && is_unreserved(byte->front());
      target.add(is_escape ? byte->front() : head.target[i]);
      if (is_escape) i += 2;
    }
    head.target = target.copy_to(head.arena);
  }
  static bool is_unreserved(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
  }

  static void sort_query(http::RequestHead& head) {
    constexpr std::size_t kMost = 1024;  // of what is a client's
    const std::string_view path = head.path();
    std::string_view query = head.target.substr(path.size());
    if (query.size() < 2) return;
    query.remove_prefix(1);
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at < query.size() && parts.size() < kMost;) {
      const std::size_t end =
          parts.size() + 1 == kMost ? query.size() : std::min(query.find('&', at), query.size());
      parts.push_back(query.substr(at, end - at));
      at = end + 1;
    }
    std::ranges::stable_sort(parts, {}, [](std::string_view part) { return part.substr(0, part.find('=')); });
    expression::BoundedText target;
    target.add(path);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      target.add(i == 0 ? '?' : '&');
      target.add(parts[i]);
    }
    head.target = target.copy_to(head.arena);
  }

  Normalizer what_;
  bool is_strict_;
  Answer refusal_;  ///< of an escape that is none
};

Compiled<std::unique_ptr<Action>> read_normalize(ActionWords& words) {
  constexpr std::pair<std::string_view, Normalizer> kNormalizers[] = {
      {"fragment-encode", Normalizer::kFragmentEncode}, {"fragment-strip", Normalizer::kFragmentStrip},
      {"path-merge-slashes", Normalizer::kPath},        {"path-strip-dot", Normalizer::kPath},
      {"path-strip-dotdot", Normalizer::kPath},         {"percent-decode-unreserved", Normalizer::kDecode},
      {"percent-to-uppercase", Normalizer::kPath},      {"query-sort-by-name", Normalizer::kSortQuery}};
  const auto name = words.take("a normalizer");
  if (!name) return std::unexpected(name.error());
  for (const auto& [known, normalizer] : kNormalizers) {
    if (known != *name) continue;
    if (known == "path-strip-dotdot") words.take_if("full");
    const bool is_strict = known.starts_with("percent-") && words.take_if("strict");
    return std::make_unique<NormalizeUri>(normalizer, is_strict);
  }
  std::vector<std::string> names;
  for (const auto& each : kNormalizers) names.emplace_back(each.first);
  return words.error("'" + *name + "' is no normalizer (accepted: " + one_of(names) + ")");
}

constexpr ActionRow kRows[] = {
    {"normalize-uri", kHttpRequest, read_normalize},
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
