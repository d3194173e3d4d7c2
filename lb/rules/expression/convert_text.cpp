// Converters that cut, join and change text.
#include <algorithm>
#include <cstring>
#include <ctime>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/bounded_text.h"
#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/regex.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

template <class Change>
bool change_each(const Call& call, Sample& sample, Change change) {
  if (sample.text.size() > Sample::kMostText) return false;
  char* out = call.arena.allocate(sample.text.size());
  std::ranges::transform(sample.text, out, change);
  sample = Sample::string({out, sample.text.size()});
  return true;
}
bool apply_lower(const Call& call, Sample& sample) {
  return change_each(call, sample, ascii_lower);
}
bool apply_upper(const Call& call, Sample& sample) {
  return change_each(call, sample,
                     [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
}
bool apply_length(const Call&, Sample& sample) {
  sample = Sample::number(static_cast<std::int64_t>(sample.text.size()));
  return true;
}
bool apply_ltrim(const Call& call, Sample& sample) {
  const std::size_t begin = sample.text.find_first_not_of(call.argument(0).text);
  sample.text = begin == std::string_view::npos ? std::string_view() : sample.text.substr(begin);
  return true;
}
bool apply_rtrim(const Call& call, Sample& sample) {
  sample.text = sample.text.substr(0, sample.text.find_last_not_of(call.argument(0).text) + 1);
  return true;
}
bool apply_cut_crlf(const Call&, Sample& sample) {
  sample.text = sample.text.substr(0, sample.text.find_first_of("\r\n"));
  return true;
}

bool apply_bytes(const Call& call, Sample& sample) {
  const auto offset = static_cast<std::size_t>(call.argument(0).integer);
  sample.text = sample.text.substr(std::min(offset, sample.text.size()));
  if (call.argument(1).is_given)
    sample.text = sample.text.substr(0, static_cast<std::size_t>(call.argument(1).integer));
  return true;
}
Prepared prepare_bytes(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].integer < 0 || arguments[1].integer < 0)
    return std::unexpected("offset and length are not below 0");
  return {};
}

/// Pieces of a text from the front, or from the back.
struct Cut {
  std::string_view text;
  std::string_view delimiters;
  bool backwards;

  [[nodiscard]] bool is_delimiter(std::size_t i) const {
    return delimiters.find(text[backwards ? text.size() - 1 - i : i]) != std::string_view::npos;
  }
  /// What lies between two distances from the end that is counted from.
  [[nodiscard]] std::string_view between(std::size_t begin, std::size_t end) const {
    return backwards ? text.substr(text.size() - end, end - begin) : text.substr(begin, end - begin);
  }
};

/// `field`: pieces between delimiters, empty ones too. The count of pieces that are taken is 0 for all the rest.
bool apply_field(const Call& call, Sample& sample) {
  const std::int64_t wanted = call.argument(0).integer;
  const Cut cut{sample.text, call.argument(1).text, wanted < 0};
  std::int64_t before = (wanted < 0 ? -wanted : wanted) - 1;
  std::int64_t count = call.argument(2).is_given ? call.argument(2).integer : 1;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (; end < sample.text.size(); ++end) {
    if (!cut.is_delimiter(end)) continue;
    if (before > 0) {
      begin = end + 1;
      --before;
    } else if (count-- == 1) {
      break;
    }
  }
  if (before > 0) return false;
  sample.text = cut.between(begin, end);
  return true;
}

/// `word`: as `field`, but neighbouring delimiters are one, and none counts at the ends.
bool apply_word(const Call& call, Sample& sample) {
  const std::int64_t wanted = call.argument(0).integer;
  const Cut cut{sample.text, call.argument(1).text, wanted < 0};
  const std::int64_t number = wanted < 0 ? -wanted : wanted;
  std::int64_t count = call.argument(2).is_given ? call.argument(2).integer : 1;
  std::int64_t words = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool inside = false;
  for (; end < sample.text.size(); ++end) {
    if (cut.is_delimiter(end)) {
      if (inside && words >= number && count-- == 1) break;
      inside = false;
    } else if (!inside) {
      inside = true;
      if (words < number) begin = end;
      ++words;
    }
  }
  // As HAProxy, to which a word that is not there is an empty one.
  sample.text = words < number ? std::string_view() : cut.between(begin, end);
  return true;
}
Prepared prepare_pieces(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].integer == 0) return std::unexpected("pieces are counted from 1, or from -1 backwards");
  if (arguments[1].text.empty()) return std::unexpected("no delimiters");
  return {};
}

/// `regsub`: the regular expression is kept with the first argument, "every match" as the third's integer.
Prepared prepare_regsub(std::vector<Argument>& arguments, const Environment&) {
  bool ignore_case = false;
  for (const char flag : arguments[2].text) {
    if (flag != 'g' && flag != 'i') {
      return std::unexpected("'" + shortened(arguments[2].text) +
                             "' is not made of flags (accepted: g, i or both)");
    }
    if (flag == 'g') arguments[2].integer = 1;
    if (flag == 'i') ignore_case = true;
  }
  auto regex = Regex::compile(arguments[0].text, ignore_case);
  if (!regex) return std::unexpected("'" + shortened(arguments[0].text) + "': " + regex.error());
  arguments[0].regex = std::move(*regex);
  return {};
}

/// Ends a `regsub` whose expression looks at all the rest of the text for every match (`a.*c|a`), which takes the square of
/// its length. Those that do not, which is nearly all, may replace as often as they like: giving up would hide from rules what
/// they look for.
class Patience {
 public:
  /// Before a look at so many characters; false: it took too long.
  bool has(std::size_t characters) {
    work_ += characters;
    if (work_ < kBetweenLooksAtTheClock) return true;
    work_ = 0;
    const std::int64_t now = processor_time();
    if (begin_ == 0) begin_ = now;
    return now - begin_ < kMostNanoseconds;
  }

 private:
  static constexpr std::size_t kBetweenLooksAtTheClock = 4 << 20;
  static constexpr std::int64_t kMostNanoseconds = 20'000'000;
  static std::int64_t processor_time() {
    std::timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
  }
  std::size_t work_ = 0;
  std::int64_t begin_ = 0;
};

bool apply_regsub(const Call& call, Sample& sample) {
  const Regex& regex = *call.argument(0).regex;
  const std::string_view text = sample.text;
  std::string_view groups[Regex::kMostGroups];
  if (!regex.find(text, 0, groups)) return true;
  BoundedText out;
  std::size_t at = 0;
  Patience patience;
  do {
    if (!patience.has(text.size() - at)) return false;
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    out.add(text.substr(at, begin - at));
    out.add_substitution(call.argument(1).text, groups);
    at = begin + groups[0].size();
    if (call.argument(2).integer == 0) break;
    if (!groups[0].empty()) continue;
    // Behind an empty match one character is taken as it is, or it would be found again.
    if (at == text.size()) break;
    out.add(text.substr(at++, 1));
  } while (regex.find(text, at, groups));
  out.add(text.substr(at));
  sample = Sample::string(out.copy_to(call.arena));
  return true;
}

constexpr ConverterRow kRows[] = {
    {"bytes", "i?i", Type::kBinary, Type::kBinary, apply_bytes, prepare_bytes},
    {"cut_crlf", "", Type::kString, Type::kString, apply_cut_crlf},
    {"field", "is?i", Type::kString, Type::kString, apply_field, prepare_pieces},
    {"length", "", Type::kString, Type::kInteger, apply_length},
    {"lower", "", Type::kString, Type::kString, apply_lower},
    {"ltrim", "s", Type::kString, Type::kString, apply_ltrim},
    {"regsub", "ss?s", Type::kString, Type::kString, apply_regsub, prepare_regsub},
    {"rtrim", "s", Type::kString, Type::kString, apply_rtrim},
    {"upper", "", Type::kString, Type::kString, apply_upper},
    {"word", "is?i", Type::kString, Type::kString, apply_word, prepare_pieces},
};

}  // namespace

std::span<const ConverterRow> text_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
