#include "lb/haproxy/words.h"

#include <algorithm>

#include "lb/base/text.h"
#include "lb/config/did_you_mean.h"
#include "lb/haproxy/environment.h"

namespace reseal::haproxy {
namespace {

/// What C's isspace() accepts; CR and LF end a line before they are asked about.
constexpr bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool begins_name(char c) {
  return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_';
}
constexpr bool continues_name(char c) {
  return begins_name(c) || is_digit(c);
}

/// One pass over the line. The first error ends it.
class Splitter {
 public:
  Splitter(std::string_view line, const Environment& environment) : line_(line), environment_(environment) {}

  SplitLine run() {
    if (line_.size() > kMostLineBytes) {
      fail(0, "the line is longer than " + std::to_string(kMostLineBytes) + " bytes");
    }
    while (!failed() && at_ < line_.size() && !at_end_of_text()) step();
    if (!failed() && quote_ != 0) fail(quote_at_, "this quote is not closed");
    end_word();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool failed() const { return result_.error.has_value(); }
  void fail(std::size_t at, std::string message) {
    if (!failed()) result_.error = {static_cast<int>(at) + 1, std::move(message)};
  }
  /// The byte `ahead` of the present one; NUL, which is refused in the text, behind the end.
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool at_end_of_text() const { return quote_ == 0 && peek() == '#'; }

  void step() {
    const char c = peek();
    if (c == '\0') return fail(at_, "a NUL byte; is this a text file?");
    if (c == '\r') return fail(at_, "a carriage return within the line; HAProxy would ignore what follows");
    if ((c == '"' || c == '\'') && (quote_ == 0 || quote_ == c)) return toggle_quote(c);
    if (quote_ == '\'') return take(c);
    if (c == '\\') return read_escape();
    if (c == '$' && quote_ == '"') return read_variable();
    if (is_blank(c) && quote_ == 0) {
      end_word();
      ++at_;
      return;
    }
    take(c);
  }

  void toggle_quote(char c) {
    begin_word();
    word_.quoted = true;
    quote_ = quote_ == 0 ? c : '\0';
    quote_at_ = at_++;
  }

  void take(char c) {
    emit(c);
    ++at_;
  }

  /// A backslash stands for itself before anything that needs no escaping ("\.").
  void read_escape() {
    const char next = peek(1);
    switch (next) {
      case 'n':
        return replace(2, '\n');
      case 'r':
        return replace(2, '\r');
      case 't':
        return replace(2, '\t');
      case 'x':
        return read_hex();
      case ' ':
      case '\\':
      case '#':
      case '"':
      case '\'':
        return replace(2, next);
      case '$':
        return quote_ == '"' ? replace(2, next) : take('\\');
      default:
        return take('\\');
    }
  }

  void read_hex() {
    const auto value = at_ + 4 <= line_.size() ? parse_hex(line_.substr(at_ + 2, 2)) : std::nullopt;
    if (!value) return fail(at_, "\\x needs two hexadecimal digits; a backslash itself is written \\\\");
    if (*value == 0) return fail(at_, "\\x00 cannot be part of a word");
    replace(4, static_cast<char>(*value));
  }

  void replace(std::size_t length, char c) {
    emit(c);
    at_ += length;
  }

  /// "$NAME", "${NAME}", "${NAME-default}", "${NAME[*]}", "${NAME[*]-default}".
  void read_variable() {
    const std::size_t dollar = at_++;
    const bool braces = peek() == '{';
    if (braces) ++at_;
    const std::string_view name = read_name();
    if (failed()) return;
    bool as_words = false;
    std::optional<std::string_view> value = environment_.find(name);
    if (braces) {
      as_words = line_.substr(at_).starts_with("[*]");
      if (as_words) at_ += 3;
      if (peek() == '[') return fail(at_, "only [*] may follow a variable's name");
      if (peek() == '-') {
        const std::string_view instead = read_default();
        if (!value) value = instead;
      }
      if (peek() != '}') return fail(dollar, "this variable's brace is not closed");
      ++at_;
    }
    if (value) as_words ? emit_words(*value, dollar) : emit_text(*value);
  }

  std::string_view read_name() {
    const std::size_t begin = at_;
    const bool pseudo = peek() == '.';
    if (pseudo) ++at_;
    if (!begins_name(peek())) {
      fail(begin, "a variable's name begins with a letter or '_'; a dollar itself is written \\$ here");
      return {};
    }
    while (continues_name(peek())) ++at_;
    const std::string_view name = line_.substr(begin, at_ - begin);
    if (pseudo && name != ".FILE" && name != ".LINE" && name != ".SECTION") {
      fail(begin,
           "there is no variable '" + config::shortened(name) + "'; accepted are .FILE, .LINE and .SECTION");
    }
    return name;
  }

  /// Up to the brace, quotes and backslashes being ordinary bytes.
  std::string_view read_default() {
    const std::size_t begin = ++at_;
    at_ = std::min(line_.find('}', at_), line_.size());
    return line_.substr(begin, at_ - begin);
  }

  void emit_text(std::string_view text) {
    for (const char c : text) {
      if (failed()) return;
      emit(c);
    }
  }

  /// A run of blanks separates words, also at the value's beginning and end: HAProxy has an empty word there.
  void emit_words(std::string_view text, std::size_t dollar) {
    for (std::size_t i = 0; i < text.size() && !failed(); ++i) {
      if (!is_blank(text[i])) {
        emit(text[i]);
      } else if (i == 0 || !is_blank(text[i - 1])) {
        end_word();
        begin_word();
        word_.column = static_cast<int>(dollar) + 1;
        word_.quoted = true;
      }
    }
  }

  void emit(char c) {
    if (c == '\0') return fail(at_, "a NUL byte; is this a text file?");  // in a variable's default
    begin_word();
    if (++emitted_ > kMostLineBytes) {
      return fail(at_, "the line is longer than " + std::to_string(kMostLineBytes) +
                           " bytes once its variables are replaced");
    }
    word_.text.push_back(c);
  }

  void begin_word() {
    if (open_ || failed()) return;
    if (result_.words.size() == kMostWords) {
      return fail(at_, "more than " + std::to_string(kMostWords) + " words in a line");
    }
    open_ = true;
    word_ = {{}, static_cast<int>(at_) + 1, false};
  }

  void end_word() {
    if (open_) result_.words.push_back(std::move(word_));
    open_ = false;
  }

  std::string_view line_;
  const Environment& environment_;
  SplitLine result_;
  Word word_;
  bool open_ = false;  // word_ has begun
  char quote_ = '\0';  // the one we are in
  std::size_t quote_at_ = 0;
  std::size_t at_ = 0;
  std::size_t emitted_ = 0;
};

}  // namespace

SplitLine split_words(std::string_view line, const Environment& environment) {
  return Splitter(line, environment).run();
}

}  // namespace reseal::haproxy
