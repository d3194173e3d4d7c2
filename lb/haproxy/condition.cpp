#include "lb/haproxy/condition.h"

#include <algorithm>

#include "lb/base/text.h"
#include "lb/config/did_you_mean.h"
#include "lb/haproxy/predicates.h"

namespace reseal::haproxy {
namespace {

constexpr int kDeepestParentheses = 64;

constexpr bool is_name(char c) {
  return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || is_digit(c) || c == '_';
}

/// Recursive descent that computes while it reads: nothing is skipped, so a mistake behind `0 &&` is told too,
/// as HAProxy does. The first error ends it.
class Evaluator {
 public:
  Evaluator(std::string_view text, const Environment& environment, const Abilities& abilities)
      : text_(text), environment_(environment), abilities_(abilities) {}

  std::expected<bool, LineError> run() {
    if (text_.empty()) return false;
    const bool holds = any_of();
    if (!failed() && at_ != text_.size()) fail("'&&', '||' or the end of the condition is expected here");
    if (failed()) return std::unexpected(std::move(*error_));
    return holds;
  }

 private:
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  void fail(std::string message) { fail(at_, std::move(message)); }
  void fail(std::size_t at, std::string message) {
    if (!failed()) error_ = {static_cast<int>(at) + 1, std::move(message)};
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  bool any_of() {
    bool holds = all_of();
    while (!failed() && take("||")) holds = all_of() || holds;
    return holds;
  }

  bool all_of() {
    bool holds = term();
    while (!failed() && take("&&")) holds = term() && holds;
    return holds;
  }

  bool term() {
    skip_blanks();
    bool wanted = true;
    while (take("!")) {
      wanted = !wanted;
      skip_blanks();
    }
    const bool holds = operand();
    skip_blanks();
    return holds == wanted;
  }

  bool operand() {
    if (peek() == '(') return parenthesis();
    const bool signed_number =
        (peek() == '-' || peek() == '+') && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
    if (signed_number) ++at_;
    if (is_digit(peek())) return number();
    return predicate();
  }

  bool parenthesis() {
    const std::size_t opened = at_++;
    if (++depth_ > kDeepestParentheses) fail(opened, "too many parentheses within each other");
    if (failed()) return false;
    const bool holds = any_of();
    if (!failed() && !take(")")) fail(opened, "this parenthesis is not closed");
    --depth_;
    return holds;
  }

  /// As C writes integers: 12, 0x1f, 017. Only whether it is 0 matters, so it may have any length.
  bool number() {
    const bool hex = text_.substr(at_).starts_with("0x") && at_ + 2 < text_.size() && is_hex(text_[at_ + 2]);
    if (hex) at_ += 2;
    const bool octal = !hex && peek() == '0';
    bool holds = false;
    for (; hex ? is_hex(peek()) : is_digit(peek()) && !(octal && peek() > '7'); ++at_) holds |= peek() != '0';
    return holds;
  }
  static bool is_hex(char c) { return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

  bool predicate() {
    const std::size_t begin = at_;
    while (is_name(peek())) ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    const Predicate* const found = find_predicate(name);
    if (found == nullptr) {
      const std::string accepted = "a number or a predicate: " + config::one_of(predicate_names());
      fail(begin, name.empty() ? "expected here is " + accepted
                               : "unknown predicate '" + config::shortened(name) + "'" + suggestion(name) +
                                     "; accepted is " + accepted);
      return false;
    }
    const std::vector<std::string> arguments = read_arguments(found->arguments);
    if (failed()) return false;
    return found->holds({arguments, environment_, abilities_});
  }

  static std::string suggestion(const std::string& name) {
    return config::did_you_mean(name, predicate_names());
  }

  /// "(a,b)", or nothing, which counts as one empty argument.
  std::vector<std::string> read_arguments(std::size_t wanted) {
    std::vector<std::string> arguments;
    if (!take("(")) {
      arguments.emplace_back();
    } else {
      do {
        arguments.push_back(read_argument());
      } while (!failed() && arguments.size() < wanted && take(","));
      if (!failed() && !take(")"))
        fail(peek() == ',' ? "too many arguments; ')' is expected here" : "')' is expected here");
    }
    if (arguments.size() < wanted)
      fail(counted(wanted, "argument") + " are expected, " + std::to_string(arguments.size()) + " given");
    return arguments;
  }

  /// Up to ',' or ')'. Quotes and backslashes are read as in a line, but for \#, \$ and \x.
  std::string read_argument() {
    std::string argument;
    char quote = '\0';
    const std::size_t begin = at_;
    for (; at_ < text_.size(); ++at_) {
      const char c = peek();
      if (quote == '\0' && (c == ',' || c == ')')) return argument;
      if ((c == '"' || c == '\'') && (quote == '\0' || quote == c)) {
        quote = quote == '\0' ? c : '\0';
      } else if (c == '\\' && quote != '\'' && at_ + 1 < text_.size() && unescaped(text_[at_ + 1]) != '\0') {
        argument.push_back(unescaped(text_[++at_]));
      } else {
        argument.push_back(c);
      }
    }
    if (quote != '\0') fail(begin, "a quote in this argument is not closed");
    return argument;
  }

  static char unescaped(char c) {
    switch (c) {
      case ' ':
      case '\\':
      case '"':
      case '\'':
        return c;
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      default:
        return '\0';
    }
  }

  std::string_view text_;
  const Environment& environment_;
  const Abilities& abilities_;
  std::optional<LineError> error_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

std::string joined(std::span<const Word> words) {
  std::string text;
  for (const Word& word : words) {
    if (&word != words.data()) text += ' ';
    text += word.text;
  }
  return text;
}

}  // namespace

Abilities own_abilities(std::string_view ssl_library) {
  Abilities abilities;
  abilities.ssl_library = ssl_library;
  abilities.features = {"ACCEPT4", "EPOLL", "GETADDRINFO", "OPENSSL", "THREAD"};
  abilities.enabled = {"EPOLL", "GETADDRINFO", "REUSEPORT"};
  return abilities;
}

std::expected<bool, LineError> evaluate(std::span<const Word> words, const Environment& environment,
                                        const Abilities& abilities) {
  const std::string text = joined(words);
  auto result = Evaluator(text, environment, abilities).run();
  if (result || words.empty()) return result;
  // From the place in the joined text to the one in the line: right unless quotes or variables stand before it
  // in the same word.
  auto rest = static_cast<std::size_t>(result.error().column - 1);
  const Word* word = words.data();
  for (; word != &words.back() && rest > word->text.size(); ++word) rest -= word->text.size() + 1;
  result.error().column = word->column + static_cast<int>(rest);
  return result;
}

std::expected<bool, LineError> evaluate_argument(std::string_view argument, const Environment& environment,
                                                 const Abilities& abilities) {
  SplitLine split = split_words(argument, environment);
  if (split.error) return std::unexpected(std::move(*split.error));
  return evaluate(split.words, environment, abilities);
}

}  // namespace reseal::haproxy
