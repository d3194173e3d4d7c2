#include "lb/stats/haproxy_format.h"

#include <utility>

namespace reseal::stats {

/// Reads a format once, from left to right.
class HaproxyFormatParser {
 public:
  HaproxyFormatParser(std::string_view text, LogExpressionReader* expressions)
      : text_(text), expressions_(expressions) {}

  std::expected<HaproxyFormat, HaproxyFormatError> parse() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c != '%') {
        add(c == '\t' ? ' ' : c);
        ++at_;
      } else if (text_.substr(at_).starts_with("%%")) {
        add('%');
        at_ += 2;
      } else if (auto taken = take_variable(); !taken) {
        return std::unexpected(std::move(taken.error()));
      }
      if (format_.pieces_.size() > HaproxyFormat::kMostPieces) {
        return wrong(at_, "more than " + std::to_string(HaproxyFormat::kMostPieces) + " parts");
      }
    }
    return std::move(format_);
  }

 private:
  using Taken = std::expected<void, HaproxyFormatError>;

  static std::unexpected<HaproxyFormatError> wrong(std::size_t at, std::string message) {
    return std::unexpected(HaproxyFormatError{std::move(message), at});
  }

  /// Blanks stand alone, since what is empty between two of them leaves one.
  void add(char c) {
    auto& pieces = format_.pieces_;
    const bool joins =
        c != ' ' && !pieces.empty() && !pieces.back().literal.empty() && pieces.back().literal != " ";
    if (!joins) pieces.emplace_back();
    const auto byte = static_cast<unsigned char>(c);
    // What would end a line may not stand in one.
    pieces.back().literal += byte < 0x20 || byte == 0x7f ? '?' : c;
  }

  Taken take_variable() {
    const std::size_t begin = at_++;
    HaproxyFormat::Piece piece;
    piece.flags = all_;
    if (at_ < text_.size() && text_[at_] == '{') {
      if (auto taken = take_flags(piece.flags); !taken) return taken;
    }
    if (at_ < text_.size() && text_[at_] == '[') return take_expression(std::move(piece));
    const std::size_t name_begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    const std::string_view name = text_.substr(name_begin, at_ - name_begin);
    if (name == "o") {
      all_ = piece.flags;
      return {};
    }
    if (name.empty())
      return wrong(begin, "a '%' without a variable behind it; a percent sign is written '%%'");
    piece.tag = find_log_tag(name);
    if (piece.tag == nullptr) {
      constexpr std::size_t kShown = 20;
      return wrong(begin, "no variable '%" + std::string(name.substr(0, kShown)) +
                              "'; a percent sign is written '%%'");
    }
    format_.needs_ |= piece.tag->needs;
    format_.pieces_.push_back(std::move(piece));
    return {};
  }

  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /// Letters that mean nothing are passed over, as HAProxy does.
  Taken take_flags(TagFlags& flags) {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return wrong(at_, "no '}' behind the flags");
    bool on = true;
    for (++at_; at_ < end; ++at_) {
      const char c = text_[at_];
      if (c == '+' || c == '-') on = c == '+';
      if (c == 'Q') flags.quoted = on;
      if (c == 'X') flags.hex = on;
      if (c == 'E') flags.escaped = on;
    }
    ++at_;
    return {};
  }

  Taken take_expression(HaproxyFormat::Piece piece) {
    const std::size_t begin = at_++;
    if (expressions_ == nullptr) return wrong(begin, "expressions are not known here");
    auto expression = expressions_->read(text_, at_);
    if (!expression) return std::unexpected(std::move(expression.error()));
    if (at_ >= text_.size() || text_[at_] != ']') return wrong(begin, "no ']' behind the expression");
    ++at_;
    piece.expression = std::move(*expression);
    format_.needs_ |= kLogNeedsEvaluation;
    format_.pieces_.push_back(std::move(piece));
    return {};
  }

  std::string_view text_;
  LogExpressionReader* expressions_;
  std::size_t at_ = 0;
  TagFlags all_;  // what %{...}o has set for those that follow
  HaproxyFormat format_;
};

std::expected<HaproxyFormat, HaproxyFormatError> HaproxyFormat::compile(std::string_view text,
                                                                        LogExpressionReader* expressions) {
  return HaproxyFormatParser(text, expressions).parse();
}

void HaproxyFormat::write(const AccessRecord& record, LogLine& line) const {
  bool after_blank = true;  // none stands at the beginning, and never two in a row
  for (const Piece& piece : pieces_) {
    TagWriter out(line, piece.flags);
    if (piece.tag != nullptr) {
      if (!piece.tag->write(record, out)) continue;
    } else if (piece.expression != nullptr) {
      out.text(record.evaluation != nullptr ? piece.expression->text(*record.evaluation).value_or("")
                                            : std::string_view());
    } else if (piece.literal == " ") {
      if (!std::exchange(after_blank, true)) line.put(' ');
      continue;
    } else {
      line.raw(piece.literal);
    }
    after_blank = false;
  }
}

}  // namespace reseal::stats
