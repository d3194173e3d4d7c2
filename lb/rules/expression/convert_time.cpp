// Converters of times to text.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>

#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;
using Break = std::tm* (*)(const std::time_t*, std::tm*);

bool write_time(const Call& call, std::time_t time, Break to_parts, const char* form, Sample& sample) {
  std::tm parts{};
  if (to_parts(&time, &parts) == nullptr) return false;
  char out[512];
  sample = Sample::string(call.arena.copy({out, std::strftime(out, sizeof(out), form, &parts)}));
  return true;
}

template <Break kBreak>
bool apply_form(const Call& call, Sample& sample) {
  // Beyond this no calendar goes.
  constexpr std::int64_t kMostSeconds = std::int64_t{1} << 50;
  const std::int64_t time = std::clamp(sample.integer, -kMostSeconds, kMostSeconds) +
                            std::clamp(call.argument(1).integer, -kMostSeconds, kMostSeconds);
  return write_time(call, time, kBreak, call.argument(0).text.c_str(), sample);
}

/// The form with what is below a second in place of %N: nine digits, or as many as its width says (%3N).
std::string with_fraction(std::string_view form, std::int64_t nanoseconds) {
  constexpr std::size_t kDigits = 9;
  char digits[24];
  std::snprintf(digits, sizeof(digits), "%09lld", static_cast<long long>(nanoseconds));
  std::string out;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '%' || i + 1 == form.size()) {
      out += form[i];
      continue;
    }
    const bool has_width = form[i + 1] >= '1' && form[i + 1] <= '9';
    const std::size_t letter = i + (has_width ? 2 : 1);
    if (letter < form.size() && form[letter] == 'N') {
      out.append(digits, has_width ? static_cast<std::size_t>(form[i + 1] - '0') : kDigits);
    } else {
      out += form.substr(i, letter + 1 - i);
    }
    i = letter;
  }
  return out;
}
/// Of a number with `kUnits` to a second; the offset is in the same units.
template <Break kBreak, std::int64_t kUnits>
bool apply_fine_form(const Call& call, Sample& sample) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  std::int64_t time = 0;
  if (__builtin_add_overflow(sample.integer, call.argument(1).integer, &time)) return false;
  const std::int64_t rest = time % kUnits;
  const std::int64_t part = rest < 0 ? rest + kUnits : rest;
  const std::int64_t seconds = time / kUnits - (rest < 0 ? 1 : 0);
  const std::string form = with_fraction(call.argument(0).text, part * (kNanoseconds / kUnits));
  return write_time(call, seconds, kBreak, form.c_str(), sample);
}

/// `http_date`: the second argument's integer is the number of its units in a second.
Prepared prepare_http_date(std::vector<Argument>& arguments, const Environment&) {
  const std::string_view unit = arguments[1].is_given ? std::string_view(arguments[1].text) : "s";
  arguments[1].integer = unit == "s" ? 1 : unit == "ms" ? 1000 : unit == "us" ? 1'000'000 : 0;
  if (arguments[1].integer == 0)
    return std::unexpected("'" + shortened(unit) + "' is not a unit of time (accepted: s, ms or us)");
  return {};
}
bool apply_http_date(const Call& call, Sample& sample) {
  std::int64_t time = 0;
  if (__builtin_add_overflow(sample.integer, call.argument(0).integer, &time)) return false;
  const std::int64_t units = call.argument(1).integer;
  const std::int64_t part = time % units;
  time /= units;
  std::tm parts{};
  if (gmtime_r(&time, &parts) == nullptr) return false;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t kMost = 80;
  char* out = call.arena.allocate(kMost);
  // What is below a second has HAProxy's form: its digits without the zeros before them.
  char fraction[24] = "";
  if (units > 1) std::snprintf(fraction, sizeof(fraction), ".%lld", static_cast<long long>(part));
  const int size = std::snprintf(out, kMost, "%s, %02d %s %04d %02d:%02d:%02d%s GMT", kDays[parts.tm_wday],
                                 parts.tm_mday, kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                                 parts.tm_min, parts.tm_sec, fraction);
  sample = Sample::string({out, std::min(static_cast<std::size_t>(size), kMost - 1)});
  return true;
}

constexpr ConverterRow kRows[] = {
    {"http_date", "?is", Type::kInteger, Type::kString, apply_http_date, prepare_http_date},
    {"ltime", "s?i", Type::kInteger, Type::kString, apply_form<localtime_r>},
    {"ms_ltime", "s?i", Type::kInteger, Type::kString, apply_fine_form<localtime_r, 1000>},
    {"ms_utime", "s?i", Type::kInteger, Type::kString, apply_fine_form<gmtime_r, 1000>},
    {"us_ltime", "s?i", Type::kInteger, Type::kString, apply_fine_form<localtime_r, 1'000'000>},
    {"us_utime", "s?i", Type::kInteger, Type::kString, apply_fine_form<gmtime_r, 1'000'000>},
    {"utime", "s?i", Type::kInteger, Type::kString, apply_form<gmtime_r>},
};

}  // namespace

std::span<const ConverterRow> time_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
