#include "lb/rules/expression/format_parser.h"

#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/expression_parser.h"
#include "lb/rules/expression/format_names.h"

namespace reseal::rules::expression {
namespace {

constexpr std::string_view kServerFormat = "%[srv_name]";
constexpr std::string_view kNoServer = "<NOSRV>";  // as HAProxy's logs
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::unexpected<CompileError> error_at(std::size_t offset, std::string message) {
  return std::unexpected(CompileError{std::move(message), 0, offset});
}

}  // namespace

void FormatParser::add_literal(char c) {
  if (format_.pieces_.empty() || format_.pieces_.back().expression) format_.pieces_.emplace_back();
  format_.pieces_.back().literal += c;
}

Compiled<Format> FormatParser::parse() {
  if (text_.size() > Sample::kMostText)
    return error_at(0, "longer than " + std::to_string(Sample::kMostText) + " bytes");
  while (at_ < text_.size()) {
    if (text_[at_] != '%') {
      add_literal(text_[at_++]);
    } else if (text_.substr(at_).starts_with("%%")) {
      add_literal('%');
      at_ += 2;
    } else if (auto taken = take_variable(); !taken) {
      return std::unexpected(taken.error());
    }
    if (format_.pieces_.size() > Format::kMostPieces) {
      return error_at(at_, "more than " + std::to_string(Format::kMostPieces) + " pieces");
    }
  }
  return std::move(format_);
}

Compiled<void> FormatParser::take_variable() {
  const std::size_t begin = at_++;
  Flags flags = all_;
  if (text_.substr(at_).starts_with('{')) {
    const auto taken = take_flags();
    if (!taken) return std::unexpected(taken.error());
    flags = *taken;
  }
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with('[')) return take_expression(flags);
  if (rest.starts_with('o')) {
    all_ = flags;
    ++at_;
    return {};
  }
  const std::string_view name = rest.substr(0, rest.find_first_not_of(kNameCharacters));
  if (name.empty())
    return error_at(begin, "a single '%' (accepted: %[expression]; a percent sign of its own is written %%)");
  if (const std::string_view format = format_of_name(name); !format.empty()) {
    at_ += name.size();
    return add_pieces_of(format, flags);
  }
  std::string accepted;
  for (const std::string& each : format_names()) accepted += ", %" + each;
  return error_at(begin, "no variable '%" + shortened(name) + "' here (accepted: %[expression]" + accepted +
                             "; a percent sign of its own is written %%)");
}

Compiled<void> FormatParser::add_pieces_of(std::string_view format, const Flags& flags) {
  auto meant = FormatParser(format, environment_).parse();
  if (!meant) return error_at(at_, meant.error().message);
  // Quotes are around the whole, in fields too.
  if (flags.quoted) add_literal('"');
  for (Format::Piece& piece : meant->pieces_) {
    piece.escaped = flags.escaped;
    if (format == kServerFormat) piece.otherwise = kNoServer;
    format_.pieces_.push_back(std::move(piece));
  }
  if (flags.quoted) add_literal('"');
  return {};
}

Compiled<FormatParser::Flags> FormatParser::take_flags() {
  Flags flags = all_;
  const std::size_t end = text_.find('}', at_);
  if (end == std::string_view::npos) return error_at(at_, "no '}' behind the flags");
  bool on = true;
  for (++at_; at_ < end; ++at_) {
    switch (text_[at_]) {
      case '+':
        on = true;
        break;
      case '-':
        on = false;
        break;
      case ',':
        break;
      case 'Q':
        flags.quoted = on;
        break;
      case 'E':
        flags.escaped = on;
        break;
      case 'X':
        break;  // for addresses and ports of %variables
      default:
        return error_at(at_, std::string("'") + text_[at_] +
                                 "' is not a flag (accepted: Q, E and X, each behind + or -)");
    }
  }
  ++at_;
  return flags;
}

Compiled<void> FormatParser::take_expression(const Flags& flags) {
  const std::size_t begin = at_++;
  auto expression = ExpressionParser(text_, environment_).parse(at_);
  if (!expression) return std::unexpected(expression.error());
  if (at_ >= text_.size()) return error_at(begin, "no ']' behind the expression");
  if (text_[at_] != ']')
    return error_at(at_, "'" + shortened(text_.substr(at_)) +
                             "' behind the expression (accepted: ',' and a converter, or ']')");
  ++at_;
  Format::Piece piece;
  piece.expression = std::move(*expression);
  piece.quoted = flags.quoted;
  piece.escaped = flags.escaped;
  format_.pieces_.push_back(std::move(piece));
  return {};
}

}  // namespace reseal::rules::expression
