// `language`: which of the languages that are there a client likes best (Accept-Language, RFC 9110 12.5.4).
#include <algorithm>
#include <cctype>

#include "lb/base/text.h"
#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

constexpr std::int64_t kAll = 1000;  // q=1

/// "en" will do for who asks for "en-US", but not the other way round (RFC 4647 3.4).
bool will_do(std::string_view offered, std::string_view asked) {
  return asked.starts_with(offered) && (offered.size() == asked.size() || asked[offered.size()] == '-');
}

/// "0.75" in thousandths. What is none counts in full.
std::int64_t quality_of(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return kAll;
  std::int64_t quality = (text.front() - '0') * kAll;
  text.remove_prefix(1);
  if (!text.starts_with('.')) return std::min(quality, kAll);
  text.remove_prefix(1);
  for (std::int64_t unit = kAll / 10; unit > 0 && !text.empty() && is_digit(text.front()); unit /= 10) {
    quality += (text.front() - '0') * unit;
    text.remove_prefix(1);
  }
  return std::min(quality, kAll);
}

std::string_view skip_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n\v\f"), text.size()));
}

/// What follows the language: "; q=0.5", or nothing.
std::int64_t quality_behind(std::string_view text) {
  text = skip_blanks(text);
  if (text.empty()) return kAll;
  if (!text.starts_with(';')) return 0;
  for (const char c : {';', 'q', '='}) {
    if (!text.starts_with(c)) return kAll;
    text = skip_blanks(text.substr(1));
  }
  return quality_of(text);
}

std::string_view find_offered(std::string_view offered, std::string_view asked) {
  while (true) {
    const std::size_t end = std::min(offered.find(';'), offered.size());
    if (will_do(offered.substr(0, end), asked)) return offered.substr(0, end);
    if (end == offered.size()) return {};
    offered.remove_prefix(end + 1);
  }
}

bool apply_language(const Call& call, Sample& sample) {
  std::string_view best;
  std::int64_t best_quality = 0;
  for (std::string_view rest = sample.text; !rest.empty() && best_quality < kAll;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view piece = skip_blanks(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t end = std::min(piece.find_first_of("; \t\r\n\v\f"), piece.size());
    if (end == 0) continue;
    const std::string_view found = find_offered(call.argument(0).text, piece.substr(0, end));
    const std::int64_t quality = found.empty() ? 0 : quality_behind(piece.substr(end));
    if (quality <= best_quality) continue;
    best = found;
    best_quality = quality;
  }
  if (best.empty() && call.argument(1).is_given) best = call.argument(1).text;
  sample = Sample::string(best);
  return !best.empty();
}

constexpr ConverterRow kRows[] = {
    {"language", "s?s", Type::kString, Type::kString, apply_language},
};

}  // namespace

std::span<const ConverterRow> language_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
