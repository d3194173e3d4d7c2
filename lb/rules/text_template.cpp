#include "lb/rules/text_template.h"

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

}  // namespace

std::vector<std::string_view> TextTemplate::variable_names() {
  std::vector<std::string_view> names;
  for (const VariableRow& row : kVariables) names.push_back(row.name);
  return names;
}

void TextTemplate::add_literal(char c) {
  if (pieces_.empty() || pieces_.back().variable != nullptr) {
    pieces_.push_back({nullptr, static_cast<std::uint32_t>(literals_.size()), 0});
  }
  literals_ += c;
  ++pieces_.back().size;
}

std::expected<TextTemplate, std::string> TextTemplate::parse(std::string_view text) {
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
    const VariableRow* row = find_variable(name);
    if (row == nullptr) {
      return std::unexpected("no variable {" + std::string(name.substr(0, 40)) + "} (accepted: " +
                             accepted_variables() + "; a brace of its own is written twice)");
    }
    if (++variables > kMostVariables) return std::unexpected("more than 8 variables");
    compiled.pieces_.push_back({row->value, 0, 0});
    at = end;
  }
  return compiled;
}

std::string_view TextTemplate::text_of(const Piece& piece, const RequestFacts& facts) const {
  if (piece.variable != nullptr) return facts.*piece.variable;
  return std::string_view(literals_).substr(piece.begin, piece.size);
}

std::string_view TextTemplate::render(const RequestFacts& facts, Arena& arena) const {
  if (pieces_.empty()) return {};
  if (pieces_.size() == 1) return text_of(pieces_.front(), facts);
  std::size_t size = 0;
  for (const Piece& piece : pieces_) size += text_of(piece, facts).size();
  char* out = arena.allocate(size);
  char* at = out;
  for (const Piece& piece : pieces_) {
    const std::string_view text = text_of(piece, facts);
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
  return {out, size};
}

}  // namespace reseal::rules
