// What is done to a request last, when it is handed over to a server: not of HAProxy's rules but of its options (`option
// forwarded`, `option http-restrict-req-hdr-names`), as rules.
#include <algorithm>
#include <optional>

#include "lb/base/text.h"
#include "lb/http/head_rules.h"
#include "lb/http/scan.h"
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/bounded_text.h"

namespace reseal::rules::actions {
namespace {

// ---- add-forwarded

/// Who a node of RFC 7239 is: an address of the connection, or what an expression gives.
struct Node {
  bool is_said = false;
  bool has_port = false;
  std::optional<expression::Expression> name, port;  ///< nothing: the connection's
};

struct Forwarded {
  bool proto = false, host = false;
  std::optional<expression::Expression> host_text;
  Node by, of;
};

bool is_obscured(std::string_view text) {
  const auto may_stand = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '-' ||
           c == '_';
  };
  return !text.empty() && std::ranges::all_of(text, may_stand);
}

bool is_port(std::string_view text) {
  constexpr std::uint64_t kMost = 65535;
  const auto number = parse_decimal(text);
  return number && *number >= 1 && *number <= kMost;
}

class AddForwarded final : public Action {
 public:
  explicit AddForwarded(Forwarded what) : what_(std::move(what)) {}

  /// One line more: what is there already was said by those before us, and stays (RFC 7239 4).
  Verdict run(Run& run) const override {
    expression::BoundedText text;
    if (what_.proto) text.add(run.context.tls != nullptr ? ";proto=https" : ";proto=http");
    if (what_.host) add_host(run, text);
    if (what_.by.is_said) add_node(run, ";by=", what_.by, run.context.local, text);
    if (what_.of.is_said) add_node(run, ";for=", what_.of, run.context.client, text);
    const std::string_view value = text.copy_to(run.arena);
    run.request->add(http::FieldName::kForwarded, "Forwarded", value.substr(1));
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override {
    std::uint8_t needs = expression::kNeedsNothing;
    for (const auto* each :
         {&what_.host_text, &what_.by.name, &what_.by.port, &what_.of.name, &what_.of.port}) {
      if (*each) needs |= (*each)->needs();
    }
    return needs;
  }

 private:
  void add_host(Run& run, expression::BoundedText& text) const {
    std::string_view host = run.request->authority;
    if (what_.host_text) host = what_.host_text->text(run.context, run.arena).value_or(std::string_view());
    text.add(";host=\"");
    if (http::is_valid_authority(host)) text.add(host);  // it holds no quotes then
    text.add('"');
  }

  /// Ports stand in quotes, and so do IPv6 addresses. What is no node is "unknown".
  static void add_node(Run& run, std::string_view name, const Node& node, const net::Address* address,
                       expression::BoundedText& text) {
    text.add(name);
    const auto sample = node.name            ? node.name->evaluate(run.context, run.arena)
                        : address != nullptr ? expression::Sample::address(*address)
                                             : std::nullopt;
    const std::string_view shown = sample ? name_of(*sample, run.arena) : std::string_view();
    const bool quoted = node.has_port || shown.starts_with('[');
    if (quoted) text.add('"');
    text.add(shown.empty() ? "unknown" : shown);
    if (node.has_port) add_port(run, node, address, text);
    if (quoted) text.add('"');
  }

  /// "10.0.0.1", "[::1]", "_hidden" or "unknown"; empty for what is none of these.
  static std::string_view name_of(expression::Sample sample, Arena& arena) {
    if (sample.is_text()) {
      const bool in_brackets = sample.text.starts_with('[') && sample.text.ends_with(']');
      const auto address = expression::parse_address(
          in_brackets ? sample.text.substr(1, sample.text.size() - 2) : sample.text);
      if (address && in_brackets == (address->type == expression::Type::kIpv6)) sample = *address;
    }
    const bool is_ipv6 = sample.type == expression::Type::kIpv6;
    const bool is_address = sample.is_address();
    if (!expression::convert(sample, expression::Type::kString, arena)) return {};
    expression::BoundedText name;
    if (is_ipv6) {
      name.add('[');
      name.add(sample.text);
      name.add(']');
      return name.copy_to(arena);
    }
    if (is_address || sample.text == "unknown") return sample.text;
    return obscured(sample.text, arena);
  }

  static std::string_view obscured(std::string_view text, Arena& arena) {
    if (!is_obscured(text)) return {};
    if (text.front() == '_') return text.size() == 1 ? std::string_view() : text;
    expression::BoundedText name;
    name.add('_');
    name.add(text);
    return name.copy_to(arena);
  }

  static void add_port(Run& run, const Node& node, const net::Address* address,
                       expression::BoundedText& text) {
    std::string_view port;
    if (node.port) {
      port = node.port->text(run.context, run.arena).value_or(std::string_view());
      if (!is_port(port)) port = obscured(port, run.arena);
    } else if (address != nullptr && address->family() != AF_UNIX) {
      port = run.arena.copy(DecimalText(address->port()).view());
    }
    if (port.empty()) return;
    text.add(':');
    text.add(port);
  }

  Forwarded what_;
};

/// Takes `name` and `name-expr EXPRESSION`; nothing if neither stands there.
Compiled<bool> take_part(ActionWords& words, std::string_view name, bool& is_said,
                         std::optional<expression::Expression>& text) {
  if (words.take_if(name)) {
    is_said = true;
    text.reset();
    return true;
  }
  if (!words.take_if(std::string(name) + "-expr")) return false;
  auto expression = words.take_expression("an expression");
  if (!expression) return std::unexpected(expression.error());
  is_said = true;
  text = std::move(*expression);
  return true;
}

Compiled<std::unique_ptr<Action>> read_forwarded(ActionWords& words) {
  Forwarded what;
  if (words.at_end()) what.proto = what.of.is_said = true;
  while (!words.at_end()) {
    if (words.take_if("proto")) {
      what.proto = true;
      continue;
    }
    struct Part {
      std::string_view name;
      bool& is_said;
      std::optional<expression::Expression>& text;
    };
    Compiled<bool> taken = false;
    for (const Part& part :
         {Part{"host", what.host, what.host_text}, Part{"by", what.by.is_said, what.by.name},
          Part{"by_port", what.by.has_port, what.by.port}, Part{"for", what.of.is_said, what.of.name},
          Part{"for_port", what.of.has_port, what.of.port}}) {
      taken = take_part(words, part.name, part.is_said, part.text);
      if (!taken) return std::unexpected(taken.error());
      if (*taken) break;
    }
    if (!*taken)
      return words.unexpected_word(
          "proto, host, host-expr, by, by-expr, by_port, by_port-expr, for, for-expr, for_port and "
          "for_port-expr");
  }
  if (what.by.has_port && !what.by.is_said) return words.error("'by_port' needs 'by' or 'by-expr'");
  if (what.of.has_port && !what.of.is_said) return words.error("'for_port' needs 'for' or 'for-expr'");
  return std::make_unique<AddForwarded>(std::move(what));
}

// ---- restrict-field-names

class RestrictFieldNames final : public Action {
 public:
  explicit RestrictFieldNames(bool refuses) : refuses_(refuses) { answer_.is_refusal = true; }
  Verdict run(Run& run) const override {
    for (http::Field& field : run.request->fields) {
      if (field.drop || http::is_plain_name(field.name)) continue;
      if (refuses_) return {Verdict::Kind::kAnswer, &answer_};
      field.drop = true;
    }
    return {};
  }

 private:
  bool refuses_;
  Answer answer_;  // 403
};

Compiled<std::unique_ptr<Action>> read_restrict(ActionWords& words) {
  const auto how = words.take("delete or reject");
  if (!how) return std::unexpected(how.error());
  if (*how != "delete" && *how != "reject")
    return words.error("'" + *how + "' is not expected here (accepted: delete and reject)");
  return std::make_unique<RestrictFieldNames>(*how == "reject");
}

constexpr ActionRow kRows[] = {
    {"add-forwarded", kHandover, read_forwarded},
    {"restrict-field-names", kHandover, read_restrict},
};

}  // namespace

std::span<const ActionRow> handover_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
