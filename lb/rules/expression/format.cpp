#include "lb/rules/expression/format.h"

#include <algorithm>

#include "lb/rules/expression/bounded_text.h"

namespace reseal::rules::expression {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

void add_byte_as_hex(BoundedText& out, char c) {
  out.add(kHexDigits[static_cast<unsigned char>(c) >> 4]);
  out.add(kHexDigits[static_cast<unsigned char>(c) & 15]);
}

/// A field's value may not have them (RFC 9110 5.5): a line end would make two fields of one.
bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

std::string_view Format::render(const SampleContext& context, Arena& arena, Use use) const {
  if (pieces_.empty()) return {};
  if (pieces_.size() == 1 && !pieces_.front().expression) return pieces_.front().literal;
  BoundedText out;
  for (const Piece& piece : pieces_) {
    if (!piece.expression) {
      out.add(piece.literal);
      continue;
    }
    const bool quoted = piece.quoted && use != Use::kField;
    const auto text = piece.expression->text(context, arena);
    if (!text && !piece.otherwise.empty()) {
      out.add(piece.otherwise);
      continue;
    }
    if (!text) {
      if (use == Use::kLog) out.add(std::string_view(quoted ? "\"-\"" : "-"));
      continue;
    }
    if (quoted) out.add('"');
    for (const char c : *text) {
      if (use == Use::kField && is_control(c)) {
        out.add('%');
        add_byte_as_hex(out, c);
      } else {
        if (piece.escaped && (c == '"' || c == '\\' || c == ']')) out.add('\\');
        out.add(c);
      }
    }
    if (quoted) out.add('"');
  }
  return out.copy_to(arena);
}

bool Format::is_literal() const {
  return std::ranges::none_of(pieces_, [](const Piece& piece) { return piece.expression.has_value(); });
}

std::uint8_t Format::needs() const {
  std::uint8_t needs = kNeedsNothing;
  for (const Piece& piece : pieces_) {
    if (piece.expression) needs |= piece.expression->needs();
  }
  return needs;
}

}  // namespace reseal::rules::expression
