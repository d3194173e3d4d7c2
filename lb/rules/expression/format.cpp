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

/// `field`: control characters are written as hex digits; `escaped`: quotes and backslashes get one before them.
void add_value(BoundedText& out, std::string_view text, bool field, bool escaped) {
  if (!escaped && (!field || std::ranges::none_of(text, is_control))) return out.add(text);
  for (const char c : text) {
    if (field && is_control(c)) {
      out.add('%');
      add_byte_as_hex(out, c);
    } else {
      if (escaped && (c == '"' || c == '\\' || c == ']')) out.add('\\');
      out.add(c);
    }
  }
}

}  // namespace

std::string_view Format::fill_in(const SampleContext& context, Arena& arena, Use use) const {
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
    add_value(out, *text, use == Use::kField, piece.escaped);
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
