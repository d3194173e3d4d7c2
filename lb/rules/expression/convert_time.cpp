// Converters of times to text.
#include <algorithm>
#include <cstdio>
#include <ctime>

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
    {"utime", "s?i", Type::kInteger, Type::kString, apply_form<gmtime_r>},
};

}  // namespace

std::span<const ConverterRow> time_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
