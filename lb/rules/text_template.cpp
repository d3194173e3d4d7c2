#include "lb/rules/text_template.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace reseal::rules {
namespace {

struct VariableRow {
  std::string_view name;
  std::string_view RequestFacts::* value;
};

constexpr VariableRow kVariables[] = {
    {"host", &RequestFacts::host},
    {"authority", &RequestFacts::authority},
    {"path", &RequestFacts::path},
    {"query", &RequestFacts::query},
    {"method", &RequestFacts::method},
    {"scheme", &RequestFacts::scheme},
    {"client_address", &RequestFacts::client_address},
    {"request_id", &RequestFacts::request_id},
    {"frontend", &RequestFacts::frontend},
    {"backend", &RequestFacts::backend},
};

const VariableRow* find_variable(std::string_view name) {
  for (const VariableRow& row : kVariables) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::string accepted_variables() {
  std::string names;
  for (const VariableRow& row : kVariables) {
    names += (names.empty() ? "{" : ", {") + std::string(row.name) + "}";
  }
  return names;
}

/// What an expression gives may hold anything; a line end in a field would make two of it (RFC 9110 5.5).
std::string_view without_controls(std::string_view text, Arena& arena) {
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  };
  if (std::ranges::none_of(text, is_control)) return text;
  char* out = arena.allocate(text.size());
  std::ranges::replace_copy_if(text, out, is_control, ' ');
  return {out, text.size()};
}

}  // namespace

std::vector<std::string_view> TextTemplate::variable_names() {
  std::vector<std::string_view> names;
  for (const VariableRow& row : kVariables) names.push_back(row.name);
  return names;
}

void TextTemplate::add_literal(char c) {
  if (pieces_.empty() || pieces_.back().variable != nullptr || pieces_.back().expression) {
    pieces_.push_back({nullptr, static_cast<std::uint32_t>(literals_.size()), 0, {}});
  }
  literals_ += c;
  ++pieces_.back().size;
}

std::expected<void, std::string> TextTemplate::add_variable(std::string_view name,
                                                            const expression::Compiler* compiler) {
  if (const VariableRow* row = find_variable(name)) {
    pieces_.push_back({row->value, 0, 0, {}});
    return {};
  }
  // Only expressions have parentheses or dots: anything else is a slip of a variable's name.
  const bool is_expression = name.find_first_of("(.,") != std::string_view::npos;
  if (!is_expression || compiler == nullptr) {
    return std::unexpected(
        "no variable {" + std::string(name.substr(0, 40)) + "} (accepted: " + accepted_variables() +
        ", or an expression such as {req.hdr(x-user),lower}; a brace of its own is written twice)");
  }
  auto expression = compiler->expression(name);
  if (!expression)
    return std::unexpected("{" + std::string(name.substr(0, 40)) + "}: " + expression.error().message);
  pieces_.push_back({nullptr, 0, 0, static_cast<std::uint32_t>(expressions_.size())});
  expressions_.push_back(std::move(*expression));
  return {};
}

std::expected<TextTemplate, std::string> TextTemplate::parse(std::string_view text,
                                                             const expression::Compiler* compiler) {
  if (text.size() > kMostBytes)
    return std::unexpected("longer than " + std::to_string(kMostBytes) + " bytes");
  TextTemplate compiled;
  std::size_t variables = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      compiled.add_literal(c);
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == c) {
      compiled.add_literal(c);
      ++at;
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (c == '}' || end == std::string_view::npos) {
      return std::unexpected(std::string("a single '") + c + "'; a brace of its own is written twice");
    }
    const std::string_view name = text.substr(at + 1, end - at - 1);
    if (++variables > kMostVariables) return std::unexpected("more than 8 variables");
    if (const auto added = compiled.add_variable(name, compiler); !added)
      return std::unexpected(added.error());
    at = end;
  }
  return compiled;
}

std::string_view TextTemplate::text_of(const Piece& piece, const RequestFacts& facts, Arena& arena) const {
  if (piece.expression)
    return without_controls(expressions_[*piece.expression].text(*facts.sample, arena).value_or(""), arena);
  if (piece.variable != nullptr) return facts.*piece.variable;
  return std::string_view(literals_).substr(piece.begin, piece.size);
}

std::string_view TextTemplate::render(const RequestFacts& facts, Arena& arena) const {
  if (pieces_.empty()) return {};
  if (pieces_.size() == 1) return text_of(pieces_.front(), facts, arena);
  std::array<std::string_view, 2 * kMostVariables + 1> texts;  // a literal before, between and behind
  std::size_t size = 0;
  for (std::size_t i = 0; i < pieces_.size(); ++i)
    size += (texts[i] = text_of(pieces_[i], facts, arena)).size();
  char* out = arena.allocate(size);
  char* at = out;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::string_view text = texts[i];
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
  return {out, size};
}

}  // namespace reseal::rules
